#!/usr/bin/env python3
"""
Runs a bundle of `eventprop export --for hxtorch` on a BrainScaleS-2 chip and writes what it answered.

    python run_on_bss2.py bundle -o recording.npz

For a notebook or a job on EBRAINS, with the software of the chip (hxtorch, grenade, halco, calix) loaded. This script was
never run on silicon: it is tested against a stand-in of these modules. Steps: calibration (the deployed one where it fits
the bundle), check of its success mask, the network with the bundle's placement and routing, one run per batch.

recording.npz: chip, calibration, startedAt (bytes of UTF-8), durationTicks; sample; spikes.offset, spikes.tick, spikes.neuron (sample
s has entries offset[s] ... offset[s + 1] - 1, ticks of 8 ns from its start, neurons counted through all populations);
cadc.sample, cadc.tick, cadc.neuron, cadc.code where membranes are read; lost (batches that failed after all attempts).
"""

import argparse
import datetime
import json
import pathlib
import sys

import numpy as np

FORMAT = 1


def fail(message):
    sys.exit(f"run_on_bss2: {message}")


def load_bundle(folder):
    """The description, and the arrays of words and inputs."""
    path = pathlib.Path(folder)
    try:
        bundle = json.loads((path / "bundle.json").read_text(encoding="utf-8"))
        with np.load(path / "words.npz") as words:
            bundle["placed"] = words["placed"]
        with np.load(path / "inputs.npz") as inputs:
            bundle["inputs"] = {name: inputs[name] for name in inputs.files}
    except (OSError, ValueError, KeyError) as error:
        fail(f"{folder} is no bundle: {error}")
    if bundle.get("format") != FORMAT:
        fail(f"the bundle has format {bundle.get('format')}, this script reads {FORMAT}")
    return bundle


def calibration_of(bundle, path, cache):
    """The calibration, and its name: a file, the deployed one, or a new one for the bundle's target."""
    from hxtorch.spiking.utils import calib_helper

    if path is None and bundle["calibration"] is not None:
        path = calib_helper.nightly_calix_native_path(bundle["calibration"])
        if not pathlib.Path(path).exists():
            print(f"there is no {path}; calibrating", file=sys.stderr)
            path = None
    if path is not None:
        return calib_helper.calib_from_calix_native(path), str(path)
    from calix import calibrate
    from calix.spiking import SpikingCalibOptions, SpikingCalibTarget
    from calix.spiking.neuron import NeuronCalibTarget
    from dlens_vx_v3 import halco

    target = SpikingCalibTarget(neuron_target=NeuronCalibTarget.DenseDefault)
    neuron = target.neuron_target
    for population in bundle["populations"]:
        wanted = population["target"]
        for circuit in population["atomicNeurons"]:
            for coupled in range(circuit, circuit + population["circuits"]):
                where = halco.AtomicNeuronOnDLS(halco.common.Enum(coupled))
                neuron.leak[where] = wanted["leak"]
                neuron.reset[where] = wanted["reset"]
                neuron.threshold[where] = wanted["threshold"]
                neuron.tau_mem[where] = wanted["tauMem"] * 1e-6
                neuron.tau_syn[where] = [wanted["tauSynExc"] * 1e-6, wanted["tauSynInh"] * 1e-6]
                neuron.refractory_time[where] = wanted["refractory"] * 1e-6
    neuron.cuba_synin.i_synin_gm = wanted["synapseGm"]
    neuron.synapse_dac_bias = wanted["synapseDacBias"]
    return calibrate(target, SpikingCalibOptions(), cache), "calibrated for this bundle"


def check_success(bundle, calibration):
    """Ends when a circuit in use failed its calibration."""
    success = calibration.neuron_result.success
    used = [
        coupled
        for population in bundle["populations"]
        for circuit in population["atomicNeurons"]
        for coupled in range(circuit, circuit + population["circuits"])
    ]
    from dlens_vx_v3 import halco

    bad = [one for one in used if not success[halco.AtomicNeuronOnDLS(halco.common.Enum(one))]]
    if bad:
        fail(
            f"the calibration failed for circuits {bad}, which the bundle uses; train with another placement, "
            "or calibrate anew (--calibration)"
        )


def populations_of(bundle, builder, chip):
    """Adds all populations and configures their circuits; the external one comes last."""
    import pygrenade_vx as grenade
    from dlens_vx_v3 import halco
    from hxtorch.spiking.morphology import SingleCompartmentNeuron

    network = grenade.network
    receptors = {
        network.Receptor(network.Receptor.ID(), network.Receptor.Type.excitatory),
        network.Receptor(network.Receptor.ID(), network.Receptor.Type.inhibitory),
    }
    descriptors = {}
    recorded = []
    for population in bundle["populations"]:
        spiking = population["model"] == "lif"
        morphology = SingleCompartmentNeuron(population["circuits"], expand_horizontally=True)
        neurons = []
        for circuit in population["atomicNeurons"]:
            anchor = halco.AtomicNeuronOnDLS(halco.common.Enum(circuit))
            coord = halco.LogicalNeuronOnDLS(morphology.compartments, anchor)
            morphology.implement_morphology(coord, chip.neuron_block)
            if spiking:
                morphology.set_spike_recording(True, coord, chip.neuron_block)
            else:
                morphology.disable_spiking(coord, chip.neuron_block)
            compartment = network.Population.Neuron.Compartment(
                network.Population.Neuron.Compartment.SpikeMaster(0, spiking),
                [receptors] * population["circuits"],
            )
            neurons.append(
                network.Population.Neuron(coord, {halco.CompartmentOnLogicalNeuron(): compartment})
            )
        descriptor = builder.add(network.Population(neurons))
        descriptors[population["name"]] = descriptor
        if population["name"] in bundle["read"]["populations"]:
            for index in range(len(neurons)):
                neuron = network.CADCRecording.Neuron()
                neuron.coordinate.population = descriptor
                neuron.coordinate.neuron_on_population = index
                neuron.coordinate.compartment_on_neuron = 0
                neuron.coordinate.atomic_neuron_on_compartment = 0
                recorded.append(neuron)
    external = network.ExternalSourcePopulation(
        [network.ExternalSourcePopulation.Neuron(False)] * len(bundle["routing"]["externalLabels"])
    )
    descriptors["input"] = builder.add(external)
    if recorded:
        builder.add(network.CADCRecording(recorded, bundle["read"]["cadc"] == "dram"))
    return descriptors


def projections_of(bundle, builder, descriptors):
    """
    Adds, for each projection, copy and sign, a projection of grenade; returns the placed synapses of each.
    Columns of `placed`: projection, source, target, copy, row, column, circuit, label, word.
    """
    import pygrenade_vx as grenade
    from dlens_vx_v3 import halco

    network = grenade.network
    compartment = halco.CompartmentOnLogicalNeuron()
    placed = bundle["placed"]
    added = []
    for index, projection in enumerate(bundle["projections"]):
        own = placed[placed[:, 0] == index]
        for copy in range(projection["rows"]):
            synapses = own[own[:, 3] == copy]
            for sign in (1, -1):
                connections = [
                    network.Projection.Connection(
                        (int(source), compartment),
                        (int(target), compartment),
                        network.Projection.Connection.Weight(max(0, sign * int(word))),
                    )
                    for _, source, target, _, _, _, _, _, word in synapses
                ]
                kind = (
                    network.Receptor.Type.excitatory if sign > 0 else network.Receptor.Type.inhibitory
                )
                descriptor = builder.add(
                    network.Projection(
                        network.Receptor(network.Receptor.ID(), kind),
                        connections,
                        descriptors[projection["from"]],
                        descriptors[projection["to"]],
                    )
                )
                added.append((descriptor, sign, synapses))
    return added


def routing_of(bundle, descriptors, added):
    """The bundle's routing as grenade takes it from a routing function."""
    import pygrenade_vx as grenade
    from dlens_vx_v3 import hal, halco

    network = grenade.network
    routing = bundle["routing"]
    instance = grenade.common.ExecutionInstanceID()
    result = network.RoutingResult()
    result.execution_instances = {instance: network.RoutingResult.ExecutionInstance()}
    own = result.execution_instances[instance]
    modes = hal.SynapseDriverConfig.RowMode
    kinds = [modes.disabled, modes.excitatory, modes.inhibitory, modes.excitatory_and_inhibitory]
    own.synapse_row_modes = {
        halco.SynapseRowOnDLS(halco.common.Enum(row)): kinds[mode]
        for row, mode in enumerate(routing["rowMode"])
    }
    own.synapse_driver_compare_masks = {
        halco.SynapseDriverOnDLS(halco.common.Enum(driver)): mask
        for driver, mask in enumerate(routing["driverMask"])
    }
    nodes = {coord: hal.CrossbarNode.drop_all for coord in halco.iter_all(halco.CrossbarNodeOnDLS)}
    for source, output, mask, target in routing["crossbar"]:
        node = hal.CrossbarNode()
        node.mask = halco.NeuronLabel(mask)
        node.target = halco.NeuronLabel(target)
        nodes[
            halco.CrossbarNodeOnDLS(halco.CrossbarOutputOnDLS(output), halco.CrossbarInputOnDLS(source))
        ] = node
    own.crossbar_nodes = nodes
    compartment = halco.CompartmentOnLogicalNeuron()
    own.internal_neuron_labels = {
        descriptors[population["name"]]: [
            {compartment: [address] + [None] * (population["circuits"] - 1)}
            for address in population["addresses"]
        ]
        for population in bundle["populations"]
    }
    own.external_spike_labels = {
        descriptors["input"]: [[halco.SpikeLabel(label)] for label in routing["externalLabels"]]
    }
    own.connections = {}
    own.connection_routing_result = {}
    for descriptor, sign, synapses in added:
        connections = []
        routes = []
        for _, _, _, _, row, column, circuit, label, word in synapses.tolist():
            placed = network.RoutingResult.ExecutionInstance.PlacedConnection()
            placed.weight = max(0, sign * word)
            placed.label = label
            # The inhibitory row of a driver is the one after its excitatory row.
            placed.synapse_row = halco.SynapseRowOnDLS(halco.common.Enum(row + (0 if sign > 0 else 1)))
            placed.synapse_on_row = halco.SynapseOnSynapseRow(column)
            connections.append([placed])
            route = grenade.network.ConnectionToHardwareRoutes()
            route.atomic_neurons_on_target_compartment = [circuit]
            routes.append(route)
        own.connections[descriptor] = connections
        own.connection_routing_result[descriptor] = routes
    return result


def inputs_of(bundle, samples, graph, descriptor, wait):
    """Events of a batch in ticks, without the time grid of hxtorch's own input module."""
    import pygrenade_vx as grenade

    given = bundle["inputs"]
    sources = len(bundle["routing"]["externalLabels"])
    times = []
    for sample in samples:
        entry = [[] for _ in range(sources)]
        for at in range(given["offset"][sample], given["offset"][sample + 1]):
            entry[given["source"][at]].append(int(given["tick"][at]))
        times.append(entry)
    generator = grenade.network.InputGenerator(graph, len(samples))
    generator.add(times, descriptor)
    instance = grenade.common.ExecutionInstanceID()
    inputs = grenade.signal_flow.InputData()
    inputs.snippets = [generator.done()]
    inputs.snippets[0].runtime = [{instance: bundle["durationTicks"]}] * len(samples)
    inputs.inter_batch_entry_wait = {instance: wait}
    return inputs


def run(bundle, options):
    """All batches; returns the arrays of recording.npz."""
    import _hxtorch_core
    import _hxtorch_spiking
    import pygrenade_vx as grenade

    started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    _hxtorch_core.init_hardware()
    try:
        chip_id = _hxtorch_core.get_unique_identifier()[0]
        calibration, named = calibration_of(bundle, options.calibration, options.cache)
        check_success(bundle, calibration)
        chip = calibration.to_chip()
        builder = grenade.network.NetworkBuilder()
        descriptors = populations_of(bundle, builder, chip)
        added = projections_of(bundle, builder, descriptors)
        network = builder.done()
        graph = grenade.network.build_network_graph(network, routing_of(bundle, descriptors, added))
        instance = grenade.common.ExecutionInstanceID()
        config = {instance: {grenade.common.ChipOnConnection(): chip}}
        hooks = {instance: grenade.execution.ExecutionInstanceHooks()}
        first = 0
        start = {}
        for population in bundle["populations"]:
            start[population["name"]] = first
            first += len(population["atomicNeurons"])
        count = len(bundle["inputs"]["offset"]) - 1
        if options.samples is not None:
            count = min(count, options.samples)
        spikes, cadc, lost = [], [], []
        for begin in range(0, count, options.batch):
            samples = range(begin, min(begin + options.batch, count))
            inputs = inputs_of(bundle, samples, graph, descriptors["input"], bundle["waitTicks"])
            outputs = None
            for attempt in range(options.attempts):
                try:
                    outputs = _hxtorch_spiking.run(config, graph, inputs, hooks)
                    break
                except RuntimeError as error:
                    print(f"samples {begin} ...: attempt {attempt + 1}: {error}", file=sys.stderr)
            if outputs is None:
                lost.append(begin)
                continue
            seen = _hxtorch_spiking.extract_spikes(outputs, graph)
            read = _hxtorch_spiking.extract_cadc(outputs, graph)
            for name, offset in start.items():
                if descriptors[name] in seen:
                    for tick, entry, neuron in seen[descriptors[name]].get_data():
                        spikes.append((begin + entry, tick, offset + neuron))
                if descriptors[name] in read:
                    for code, tick, entry, neuron in read[descriptors[name]].get_data():
                        cadc.append((begin + entry, tick, offset + neuron, code))
    finally:
        _hxtorch_core.release_hardware()
    return arrays_of(bundle, count, spikes, cadc, lost, (chip_id, named, started))


def arrays_of(bundle, count, spikes, cadc, lost, texts):
    spikes = np.array(sorted(spikes), dtype=np.int32).reshape(-1, 3)
    cadc = np.array(sorted(cadc), dtype=np.int32).reshape(-1, 4)
    chip, calibration, started = texts
    return {
        "chip": utf8(chip),
        "calibration": utf8(calibration),
        "startedAt": utf8(started),
        "durationTicks": np.array(bundle["durationTicks"], dtype=np.int32),
        "sample": bundle["inputs"]["id"][:count].astype(np.int32),
        "spikes.offset": np.searchsorted(spikes[:, 0], np.arange(count + 1)).astype(np.int32),
        "spikes.tick": spikes[:, 1],
        "spikes.neuron": spikes[:, 2],
        "cadc.sample": cadc[:, 0],
        "cadc.tick": cadc[:, 1],
        "cadc.neuron": cadc[:, 2],
        "cadc.code": cadc[:, 3],
        "lost": np.array(lost, dtype=np.int32),
    }


def utf8(text):
    return np.frombuffer(text.encode(), dtype=np.uint8)


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("a number from 1 on is expected")
    return value


def main():
    parser = argparse.ArgumentParser(description="Runs a bundle of eventprop on BrainScaleS-2.")
    parser.add_argument("bundle", help="folder that `eventprop export --for hxtorch` wrote")
    parser.add_argument("-o", "--out", default="recording.npz")
    parser.add_argument("--calibration", help="a calix-native .pkl in place of the deployed one")
    parser.add_argument("--cache", help="folder for calibrations that are made")
    parser.add_argument("--batch", type=positive, default=100, help="samples of one run")
    parser.add_argument("--samples", type=positive, help="only the first so many")
    parser.add_argument("--attempts", type=positive, default=3, help="of a run that fails")
    options = parser.parse_args()
    out = pathlib.Path(options.out)
    if out.exists():
        fail(f"{out} exists already")
    bundle = load_bundle(options.bundle)
    arrays = run(bundle, options)
    with open(out, "wb") as file:
        np.savez_compressed(file, **arrays)
    print(f"{out}: {len(arrays['sample'])} samples, {len(arrays['spikes.tick'])} spikes, chip {bytes(arrays['chip']).decode()}")
    if len(arrays["lost"]) > 0:
        fail(f"{len(arrays['lost'])} runs failed; their samples have no spikes")


if __name__ == "__main__":
    main()
