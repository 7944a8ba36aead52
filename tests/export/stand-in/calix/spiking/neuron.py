from collections import defaultdict
from types import SimpleNamespace

NeuronCalibTarget = SimpleNamespace(
    DenseDefault=SimpleNamespace(
        **{
            name: defaultdict(float)
            for name in ["leak", "reset", "threshold", "tau_mem", "tau_syn", "refractory_time"]
        },
        cuba_synin=SimpleNamespace(),
        synapse_dac_bias=None,
    )
)
