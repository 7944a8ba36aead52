/**
 * What a BrainScaleS-2 chip (HICANN-X v3) has: counts, word widths, clocks. Sources per constant are listed in
 * docs/hardware.md. Numbers only; who enforces them is `config.ts` (words), `mapping` (networks) and the chip.
 */

export const HEMISPHERES = 2;
export const COLUMNS = 256;
/** Neuron id = 256 · hemisphere + column; hemisphere 0 is the top row. */
export const NEURONS = HEMISPHERES * COLUMNS;
export const QUADRANTS = 4;
export const COLUMNS_PER_QUADRANT = 128;
/** Synapse rows of one hemisphere; row r belongs to driver r >> 1. */
export const ROWS = 256;
export const DRIVERS = 128;
export const ROWS_PER_DRIVER = 2;
export const PADI_BUSES = 4;
/** Each bus serves 32 drivers, 64 rows; see coordinates.ts. */
export const DRIVERS_PER_BUS = DRIVERS / PADI_BUSES;
export const ROWS_PER_BUS = DRIVERS_PER_BUS * ROWS_PER_DRIVER;
/** Each serves 32 columns of both hemispheres. */
export const EVENT_OUTPUTS = 8;
export const COLUMNS_PER_EVENT_OUTPUT = COLUMNS / EVENT_OUTPUTS;

export const WEIGHT_MAX = 63;
export const SYNAPSE_LABEL_MAX = 63;
export const ROW_SELECT_MAX = 31;
export const CAPMEM_MAX = 1022;
export const CAPACITANCE_MAX = 63;
export const STP_OFFSET_MAX = 15;
/** Slow and fast. */
export const REFRACTORY_CLOCKS = 2;
export const REFRACTORY_COUNTER_MAX = 255;
export const HOLD_OFF_MAX = 15;

/** Crossbar inputs: 0–7 neuron event outputs, 8–11 L2 links from the FPGA, 12–19 background sources. */
export const CROSSBAR_INPUTS = 20;
export const CROSSBAR_L2_INPUT = 8;
export const CROSSBAR_BACKGROUND_INPUT = 12;
/** Crossbar outputs: 0–3 PADI buses top, 4–7 PADI buses bottom, 8–11 L2 links to the FPGA. */
export const CROSSBAR_OUTPUTS = 12;
export const CROSSBAR_L2_OUTPUT = 8;

/** FPGA clock: unit of spike time stamps. */
export const TICK_US = 0.008;
/** Events that the FPGA sends to the chip per tick, on all links together. */
export const EVENTS_PER_TICK = 3;
export const MAX_RUNTIME_US = 34.36e6;

/** Samples of one recording in FPGA block memory and in DRAM. */
export const CADC_SRAM_SAMPLES = 100;
export const CADC_DRAM_SAMPLES = 204_800;
export const CADC_SRAM_PERIOD_US = 1.7;
export const CADC_DRAM_PERIOD_US = 6;
/** The first row that is kept is taken so long before its entry, and a recording ends so long after it. */
export const CADC_LEAD_US = 5;
export const CADC_TAIL_US = 2;
/** Of a row: a time stamp, filled up to a vector of 128 bytes, and 256 codes; once per recording its length, likewise. */
export const CADC_ROW_BYTES = 128 + COLUMNS;
export const CADC_RECORDING_BYTES = 128;
/** The host reads words of 4 bytes, each of which takes 8 of the trace memory. */
export const TRACE_BYTES_PER_BYTE = 2;
export const CADC_CHANNELS = 2 * NEURONS;

export const MADC_MAX = 1023;
/** 500 MHz / 17. */
export const MADC_PERIOD_US = 17 / 500;
export const MADC_MAX_SAMPLES = 65_535;
