"""
A stand-in for the software of the real chip, as far as run_on_bss2.py uses it. It knows no analog neuron: an event of an
input walks through crossbar, driver masks and row modes to the synapses with its label, and every neuron whose weights add up
to more than 0 answers with one spike at the same tick. So the routing of a bundle is checked against its words.
Names with a leading capital are those of halco, haldls, grenade and hxtorch.
"""

import os
from types import SimpleNamespace


class Coord(int):
    """All coordinates are numbers here."""


class Enum(int):
    pass


class LogicalNeuronOnDLS:
    def __init__(self, compartments, anchor):
        self.circuits = [int(anchor) + i for i in range(compartments)]


class CrossbarNodeOnDLS(tuple):
    def __new__(cls, output, source):
        return super().__new__(cls, (int(source), int(output)))


class CrossbarNode:
    def __init__(self, drop=False):
        self.mask = 0
        self.target = 0
        self.drop = drop


CrossbarNode.drop_all = CrossbarNode(drop=True)


def iter_all(kind):
    assert kind is CrossbarNodeOnDLS
    return [CrossbarNodeOnDLS(output, source) for source in range(20) for output in range(12)]


halco = SimpleNamespace(
    AtomicNeuronOnDLS=Coord,
    CompartmentOnLogicalNeuron=lambda: 0,
    CrossbarInputOnDLS=Coord,
    CrossbarNodeOnDLS=CrossbarNodeOnDLS,
    CrossbarOutputOnDLS=Coord,
    LogicalNeuronOnDLS=LogicalNeuronOnDLS,
    NeuronLabel=Coord,
    SpikeLabel=Coord,
    SynapseDriverOnDLS=Coord,
    SynapseOnSynapseRow=Coord,
    SynapseRowOnDLS=Coord,
    common=SimpleNamespace(Enum=Enum),
    iter_all=iter_all,
)
RowMode = SimpleNamespace(disabled=0, excitatory=1, inhibitory=2, excitatory_and_inhibitory=3)
hal = SimpleNamespace(
    CrossbarNode=CrossbarNode, SynapseDriverConfig=SimpleNamespace(RowMode=RowMode)
)


class SingleCompartmentNeuron:
    def __init__(self, size, expand_horizontally=False):
        assert size == 1 or expand_horizontally
        self.compartments = size

    def implement_morphology(self, coord, block):
        for circuit in coord.circuits:
            assert circuit not in block, "two neurons on one circuit"
            block[circuit] = "spiking"

    def set_spike_recording(self, enable, coord, block):
        assert enable and coord.circuits[0] in block

    def disable_spiking(self, coord, block):
        block[coord.circuits[0]] = "silent"


class Connection(tuple):
    Weight = staticmethod(int)

    def __new__(cls, pre, post, weight):
        return super().__new__(cls, (pre, post, weight))


class Population:
    def __init__(self, neurons):
        self.neurons = neurons


Population.Neuron = lambda coord, compartments: SimpleNamespace(coord=coord, compartments=compartments)
Population.Neuron.Compartment = lambda master, receptors: SimpleNamespace(master=master, receptors=receptors)
Population.Neuron.Compartment.SpikeMaster = lambda circuit, record: SimpleNamespace(record=record)


class ExternalSourcePopulation(Population):
    pass


ExternalSourcePopulation.Neuron = lambda record: SimpleNamespace(record=record)


class Projection:
    def __init__(self, receptor, connections, pre, post):
        self.receptor, self.connections, self.pre, self.post = receptor, connections, pre, post


Projection.Connection = Connection


class Receptor(tuple):
    ID = staticmethod(lambda: 0)
    Type = SimpleNamespace(excitatory="excitatory", inhibitory="inhibitory")

    def __new__(cls, identity, kind):
        return super().__new__(cls, (identity, kind))


class CADCRecording:
    def __init__(self, neurons, dram):
        self.neurons, self.dram = neurons, dram


CADCRecording.Neuron = lambda: SimpleNamespace(coordinate=SimpleNamespace())


class NetworkBuilder:
    def __init__(self):
        self.parts = []

    def add(self, part):
        self.parts.append(part)
        return len(self.parts) - 1

    def done(self):
        return self.parts


class RoutingResult:
    pass


class Instance:
    PlacedConnection = SimpleNamespace


RoutingResult.ExecutionInstance = Instance


def build_network_graph(parts, routing):
    own = routing.execution_instances[0]
    for index, part in enumerate(parts):
        if isinstance(part, Projection):
            assert len(own.connections[index]) == len(part.connections)
            assert len(own.connection_routing_result[index]) == len(part.connections)
    return SimpleNamespace(parts=parts, routing=own)


class InputGenerator:
    def __init__(self, graph, batch):
        self.batch = batch

    def add(self, times, descriptor):
        assert len(times) == self.batch
        self.times = times

    def done(self):
        return SimpleNamespace(times=self.times)


grenade = SimpleNamespace(
    common=SimpleNamespace(ExecutionInstanceID=lambda: 0, ChipOnConnection=lambda: 0),
    execution=SimpleNamespace(ExecutionInstanceHooks=lambda: None),
    network=SimpleNamespace(
        CADCRecording=CADCRecording,
        ConnectionToHardwareRoutes=SimpleNamespace,
        ExternalSourcePopulation=ExternalSourcePopulation,
        InputGenerator=InputGenerator,
        NetworkBuilder=NetworkBuilder,
        Population=Population,
        Projection=Projection,
        Receptor=Receptor,
        RoutingResult=RoutingResult,
        build_network_graph=build_network_graph,
    ),
    signal_flow=SimpleNamespace(InputData=SimpleNamespace),
)


class Calibration:
    def __init__(self):
        failed = {int(one) for one in os.environ.get("STAND_IN_FAILED", "").split(",") if one}
        self.neuron_result = SimpleNamespace(success=[circuit not in failed for circuit in range(512)])

    def to_chip(self):
        return SimpleNamespace(neuron_block={})


failures = int(os.environ.get("STAND_IN_BROKEN_RUNS", "0"))


def run(config, graph, inputs, hooks):
    global failures
    if failures > 0:
        failures -= 1
        raise RuntimeError("the connection was lost")
    routing = graph.routing
    charge_of = {}
    for index, part in enumerate(graph.parts):
        if not isinstance(part, Projection):
            continue
        for (_, post, weight), [placed] in zip(part.connections, routing.connections[index]):
            assert placed.weight == weight
            mode = RowMode.excitatory if part.receptor[1] == "excitatory" else RowMode.inhibitory
            assert routing.synapse_row_modes[placed.synapse_row] == mode
            coord = graph.parts[part.post].neurons[post[0]].coord
            column = placed.synapse_on_row + 256 * (placed.synapse_row // 256)
            assert column in coord.circuits, "a synapse on another neuron's column"
            key = (placed.synapse_row, placed.synapse_on_row)
            assert charge_of.get(key, (placed.label,))[0] == placed.label or weight == 0
            sign = 1 if mode == RowMode.excitatory else -1
            charge_of[key] = (placed.label, sign * weight, part.post, post[0])
    [external] = routing.external_spike_labels.values()
    answers = {}
    for source, [label] in enumerate(external):
        total = {}
        for bus in range(8):
            node = routing.crossbar_nodes[CrossbarNodeOnDLS(bus, 8 + (label >> 14))]
            if node.drop or (label & node.mask) != node.target:
                continue
            for (row, _), (own, charge, population, neuron) in charge_of.items():
                driver = (row % 256) // 2
                same_bus = driver % 4 == bus % 4 and row // 256 == bus // 4
                mask = routing.synapse_driver_compare_masks[row // 2]
                selected = ((label >> 6) & mask) == ((driver // 4) & mask)
                if same_bus and selected and own == (label & 63):
                    total[population, neuron] = total.get((population, neuron), 0) + charge
        answers[source] = [key for key, charge in total.items() if charge > 0]
    spikes = {}
    for entry, sources in enumerate(inputs.snippets[0].times):
        for source, ticks in enumerate(sources):
            for tick in ticks:
                for population, neuron in answers[source]:
                    spikes.setdefault(population, []).append((tick, entry, neuron))
    cadc = {}
    for part in graph.parts:
        if isinstance(part, CADCRecording):
            for neuron in part.neurons:
                where = neuron.coordinate
                for entry in range(len(inputs.snippets[0].times)):
                    cadc.setdefault(where.population, []).append((80, 5, entry, where.neuron_on_population))
    return SimpleNamespace(spikes=spikes, cadc=cadc)


def handles(found):
    return {key: SimpleNamespace(get_data=lambda own=own: own) for key, own in found.items()}
