from types import SimpleNamespace


def SpikingCalibTarget(neuron_target):
    return SimpleNamespace(neuron_target=neuron_target)


SpikingCalibOptions = SimpleNamespace
