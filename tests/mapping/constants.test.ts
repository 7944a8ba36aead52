import { describe, expect, it } from "vitest";
import { sharedCalibration } from "../../src/mapping/calibrations.ts";
import { placedConstants } from "../../src/mapping/constants.ts";
import { placeNetwork } from "../../src/mapping/place.ts";
import { weightScale } from "../../src/mapping/quantize.ts";
import { handCalibration } from "./hand-calibration.ts";
import { yinYang } from "./networks.ts";

describe("constants of a placed network", () => {
  const network = yinYang();
  const placement = placeNetwork(network);
  const circuit = placement.neuron[7]!;

  it("are those of the experiment on a perfect chip of either kind", () => {
    const calibrations = sharedCalibration(network, handCalibration());
    const calibrated = placedConstants(network, placement, calibrations, "calibrated");
    const nominal = placedConstants(network, placement, calibrations, "nominal");
    for (const key of ["tauMem", "tauSynExc", "tauSynInh", "threshold", "reset"] as const) {
      calibrated.constants[key].forEach((value, j) => {
        if (key === "threshold" && j >= 120) expect(value).toBe(Number.POSITIVE_INFINITY);
        else expect(value).toBeCloseTo(network.constants[key][j]!, 12);
      });
    }
    expect(nominal.constants).toBe(network.constants);
    expect(nominal.unit).toEqual(new Float64Array(123).fill(70));
    expect(nominal.leak).toEqual(new Float64Array(123).fill(80));
  });

  it("obey the circuit's own equation: the model in the neuron's unit is the membrane in LSB", () => {
    const calibration = handCalibration();
    const { measured } = calibration;
    measured.tauMem[circuit] = 5.4;
    measured.tauSynExc[circuit] = 6.5;
    measured.leak[circuit] = 78;
    measured.threshold[circuit] = 155;
    measured.reset[circuit] = 74;
    measured.strengthExc[circuit] = 0.19;
    measured.strengthInh[circuit] = 0.19;
    const { constants, unit, leak } = placedConstants(
      network,
      placement,
      sharedCalibration(network, calibration),
      "calibrated",
    );
    // Slope right after an event of model weight w on a resting neuron, in LSB/µs, on the chip and in the model.
    const w = 0.3;
    const onChip = 0.19 * weightScale(calibration) * w;
    const inModel = (w / constants.tauMem[7]!) * unit[7]!;
    expect(inModel).toBeCloseTo(onChip, 12);
    expect(constants.tauMem[7]).toBe(5.4);
    expect(constants.tauSynExc[7]).toBe(6.5);
    expect(leak[7]! + constants.threshold[7]! * unit[7]!).toBeCloseTo(155, 12);
    expect(leak[7]! + constants.reset[7]! * unit[7]!).toBeCloseTo(74, 12);
    expect(constants.tauMem[8]).toBe(6);
  });

  it("fall back on the target where a measurement failed", () => {
    const calibration = handCalibration();
    for (const key of ["tauMem", "strengthInh", "leak"] as const)
      calibration.measured[key][circuit] = Number.NaN;
    const { constants, unit, leak } = placedConstants(
      network,
      placement,
      sharedCalibration(network, calibration),
      "calibrated",
    );
    expect(constants.tauMem[7]).toBe(6);
    expect(unit[7]).toBeCloseTo(70, 12);
    expect(leak[7]).toBe(80);
  });

  it("of coupled circuits: mean strength, time constants weighted by it, leak and threshold of the first", () => {
    const coupled = placeNetwork(network, { circuits: { hidden: 2 } });
    const first = coupled.neuron[7]!;
    const calibration = handCalibration();
    const { measured } = calibration;
    measured.strengthExc[first] = 0.1;
    measured.strengthExc[first + 1] = 0.3;
    measured.strengthInh[first] = measured.strengthInh[first + 1] = 0.2;
    measured.tauSynExc[first] = 5;
    measured.tauSynExc[first + 1] = 7;
    measured.threshold[first + 1] = 10;
    measured.leak[first + 1] = 10;
    const { constants, unit, leak } = placedConstants(
      network,
      coupled,
      sharedCalibration(network, calibration),
      "calibrated",
    );
    expect(constants.tauSynExc[7]).toBeCloseTo((0.1 * 5 + 0.3 * 7) / 0.4, 12);
    expect(unit[7]).toBeCloseTo((70 * 0.2) / 0.17, 12);
    expect(leak[7]! + constants.threshold[7]! * unit[7]!).toBeCloseTo(150, 12);
  });
});
