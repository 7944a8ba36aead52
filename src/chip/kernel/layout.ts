/**
 * Where everything lies in the memory of the membrane kernel, in bytes. The one definition that the
 * WebAssembly source (assembly/) and its loader share; therefore only integer constants, which
 * TypeScript and AssemblyScript read alike.
 *
 *     header | lane arrays, LANES × 4 bytes each | lists | kicks | input, samples, spikes (sizes in the header)
 *
 * A *lane* is a neuron's place in the arrays: the neurons of group 0 from lane 0, those of group 1 from the
 * next multiple of 4, so that a vector of 4 lanes belongs to one group. Lanes without a neuron are dead: all
 * their coefficients are 0. Potentials of lanes are relative to the neuron's leak.
 */

/** Room for 512 neurons in two groups, and for one vector that no neuron is in: what is gathered from four lanes. */
export const LANES = 520;
export const STRIDE = 2080;
export const GATHERED = 2064;

// Header: 4-byte integers unless said.
/** Number of vectors of group 0, and of both groups. */
export const VECTORS_0 = 1024;
export const VECTORS = 1028;
export const COUNT_0 = 1032;
export const COUNT = 1036;
/** Halvings of an interval before the series of propagators.ts is exact enough. */
export const HALVINGS = 1040;
/** 1 when adaptive or exponential neurons exist. */
export const ADEX = 1044;
export const ROWS = 1048;
export const ROW_EXC = 1052;
export const ROW_INH = 1056;
/** Per row: first vector, end of vectors, 1 if it reaches a neuron that can spike. */
export const ROW_FIRST = 1060;
export const ROW_END = 1064;
export const ROW_RECURRENT = 1068;
/** Any row with ROW_RECURRENT that a neuron triggers. */
export const RECURRENT = 1072;
export const EVENTS = 1076;
export const EVENT_TIME = 1080;
export const EVENT_ROW = 1084;
/** f32: spread of event amplitudes ÷ standard deviation of the sum of 4 bytes. */
export const EVENT_NOISE = 1088;
export const NOISE_KEY = 1092;
/**
 * Samples of group g: count, times (f64), values, capacity in values, first vector that is wanted and end of
 * vectors. Group 1 follows GROUP_STRIDE bytes later.
 */
export const GROUP_STRIDE = 32;
export const SAMPLES = 1108;
export const SAMPLE_TIME = 1112;
export const SAMPLE_VALUE = 1116;
export const SAMPLE_CAPACITY = 1120;
export const SAMPLE_FIRST = 1124;
export const SAMPLE_END = 1128;
export const TRACES = 1172;
export const TRACE_TIME = 1176;
export const TRACE_VALUE = 1180;
export const TRACE_CAPACITY = 1184;
/** Lane; 0 membrane, 1 excitatory, 2 inhibitory current. */
export const TRACE_LANE = 1188;
export const TRACE_SOURCE = 1192;
export const SPIKES = 1196;
export const SPIKE_TIME = 1200;
export const SPIKE_NEURON = 1204;
export const SPIKE_CAPACITY = 1208;
/** f64. */
export const STEP = 1216;
export const DURATION = 1224;

// State of a step that is not kept in lanes.
/** Generators: 4 words × 4 lanes each; of membranes, of events and spikes, of samples. */
export const MEMBRANE_STREAM = 1232;
export const EVENT_STREAM = 1296;
export const SAMPLE_STREAM = 1360;
/** Propagators over an interval chosen at run time: 5 vectors (membrane, currents, responses). */
export const PROPAGATOR = 1424;
/** Six vectors for the moment. */
export const SCRATCH = 1504;

// Lane arrays, f32 unless said.
export const LANE_ARRAYS = 1600;
/** Membrane and synaptic currents at the end of the step. */
export const X = 1600;
export const IE = 3680;
export const II = 5760;
/** Full step: decay of membrane and currents, responses to the currents, noise per unit of a sum of bytes. */
export const AM = 7840;
export const AE = 9920;
export const AI = 12000;
export const PE = 14080;
export const PI = 16160;
export const KICK = 18240;
/** Limits of the membrane; potential above which crossings are looked for (∞ while refractory). */
export const LOW = 20320;
export const HIGH = 22400;
export const NEAR = 24480;
/** First lane of each vector, integer: bit k, the excitatory current of its lane k may saturate; bit 4 + k, the inhibitory. */
export const HOT = 26560;
/** −1/τ of membrane and currents. */
export const RATE_M = 28640;
export const RATE_E = 30720;
export const RATE_I = 32800;
/** Response polynomials P(d) = d (1 + p₁ d + … + p₄ d⁴). */
export const PE_1 = 34880;
export const PE_2 = 36960;
export const PE_3 = 39040;
export const PE_4 = 41120;
export const PI_1 = 43200;
export const PI_2 = 45280;
export const PI_3 = 47360;
export const PI_4 = 49440;
/**
 * Stationary noise ÷ standard deviation of the sum of 4 bytes; the variance 2σ²/τ_m that it gains per time, and
 * the root of that, again ÷ the standard deviation of the sum.
 */
export const SIGMA = 51520;
export const DIFFUSION = 53600;
export const ROUGHNESS = 55680;
/** Saturation: knee, width of the bend, its curvature, and a current under which no step meets the knee. */
export const KNEE_E = 57760;
export const WIDTH_E = 59840;
export const BEND_E = 61920;
export const SAFE_E = 64000;
export const KNEE_I = 66080;
export const WIDTH_I = 68160;
export const BEND_I = 70240;
export const SAFE_I = 72320;
/** Full step, excess of the currents by Gauss–Legendre: decay of the currents to both nodes, weights. */
export const NODE_1_E = 74400;
export const NODE_2_E = 76480;
export const NODE_1_I = 78560;
export const NODE_2_I = 80640;
export const WEIGHT_1 = 82720;
export const WEIGHT_2 = 84800;
/** Threshold and NEAR of a neuron that is not refractory, reset, refractory time. */
export const THRESHOLD = 86880;
export const NEAR_FREE = 88960;
export const RESET = 91040;
export const REFRACTORY = 93120;
export const LEAK = 95200;
/** Integer mask: −1 where the membrane is free, 0 while refractory and in dead lanes; and −1 in live lanes. */
export const OPEN = 97280;
export const LIVE = 99360;
/**
 * Piece of the membrane's path that lasts to the end of the step: start within the step, potential there, its
 * first and second derivative.
 */
export const START = 101440;
export const START_X = 103520;
export const START_SLOPE = 105600;
export const START_BEND = 107680;
/** Slopes added within the step: of the noise, and of AdEx terms at the end. */
export const RAMP = 109760;
export const EXTRA = 111840;
/** Noise of the last sample within the step, beyond the straight line. */
export const BRIDGE = 113920;
/** From when in this step the membrane is free. */
export const FREE_FROM = 116000;
/** Crossing within the step of lanes in the queue of the oracle. */
export const CROSSING = 118080;
/** Integers: the lane's neuron; row that it triggers, −1 for none. */
export const NEURON = 120160;
export const SPIKE_ROW = 122240;
/** AdEx: adaptation current, Δ_T/τ_m, V_T, 1/Δ_T, largest potential for the exponential, −1/τ_w, a, b, V_w. */
export const W = 124320;
export const EXP_RATE = 126400;
export const EXP_THRESHOLD = 128480;
export const EXP_STEEPNESS = 130560;
export const EXP_CEILING = 132640;
export const ADAPT_RATE = 134720;
export const ADAPT_A = 136800;
export const ADAPT_B = 138880;
export const ADAPT_LEAK = 140960;
/** NEAR, or −∞ in a lane with a current that may saturate: from where on the loop over vectors notes a vector. */
export const WATCH = 143040;
/**
 * Lists of lanes, as byte offsets into lane arrays (integers): crossings to come, refractory, released in this step. A
 * step is shorter than refractory times, so that no lane is released twice in it.
 */
export const QUEUE = 145120;
export const REFRACTORY_LANE = 147200;
export const RELEASED = 149280;
/** f64: time at which each entry of REFRACTORY_LANE is released. */
export const RELEASE_TIME = 151360;
/** Vectors of the step that want more than its linear part, in ascending order: their offsets (integers). */
export const WANTING = 155520;
/** Membranes and currents at the start of the step, and its noise. */
export const OLD_X = 157600;
export const OLD_E = 159680;
export const OLD_I = 161760;
export const NOISE = 163840;
/** Random words between steps: the four arrays from OLD_X on. */
export const WORDS = 157600;
/** Vectors in WANTING with a membrane near threshold: their offsets (integers). */
export const CLOSE = 165920;
/** Lanes that end the step above threshold: offset, and address of the lane's height in PATHS (integers). */
export const UP_LANE = 168000;
export const UP_PATH = 170080;
/** Crossings of the lanes in QUEUE within the step. */
export const QUEUE_TIME = 172160;
/**
 * Paths of the vectors in CLOSE, PATH_BYTES each: threshold and end of the step above its start, slopes at both ends and
 * half the second derivative at the start, in units of the step; variance gained by noise.
 */
export const PATHS = 174240;
export const PATH_HEIGHT = 0;
export const PATH_RISE = 16;
export const PATH_FIRST = 32;
export const PATH_LAST = 48;
export const PATH_BEND = 64;
export const PATH_VARIANCE = 80;
export const PATH_BYTES = 96;
/** Four vectors of constants. */
export const SERIES = 186720;
/** A vector of −∞. */
export const NOWHERE = 186784;
/** Lanes to be released within the step: offset (integer), time within the step. */
export const DUE_LANE = 186800;
export const DUE_FROM = 188880;
/**
 * Coefficients of cut steps, kept by their length: the length of each slot in µs (0: empty), and from AM … KICK of the
 * full step to those of the first slot; a slot has CUT_BYTES.
 */
export const CUT_SLOTS = 512;
export const CUT_LENGTH = 190960;
export const CUT = 185168;
export const CUT_BYTES = 12480;
/** Temporaries of the build without SIMD (assembly/scalar.ts), 16 bytes each. */
export const TEMPORARIES = 65536;
export const TEMPORARY = 6582768;
/** Buffers of sizes chosen by the loader start here. */
export const BUFFERS = 7631344;

// What run() returns.
export const OK = 0;
export const TOO_MANY_SPIKES = 1;
export const TOO_MANY_SAMPLES = 2;
export const NO_SUCH_ROW = 3;
export const TOO_MANY_NEURONS = 4;
