/**
 * What lies in the memory of the membrane kernel, in this order. build.js writes it as src/chip/kernel/layout.ts, whose
 * addresses the kernel (assembly/) and its loader share.
 *
 *     header | state of a step | lane arrays | lists | coefficients of cut steps | temporaries | jumps, input, samples, spikes
 *
 * A *lane* is a neuron's place in the arrays: the neurons of group 0 from lane 0, those of group 1 from the next
 * multiple of 4, so that a vector of 4 lanes belongs to one group. Lanes without a neuron are dead: all their
 * coefficients are 0. Potentials of lanes are relative to the neuron's leak.
 */

/** Room for 512 neurons in two groups, and for one vector that no neuron is in. */
const LANES = 520;
const VECTOR = 16;
/** Bytes of a lane array, of which each lane has 4. */
const STRIDE = 4 * LANES;
const CUT_SLOTS = 512;
/** The arrays AM … STEP_NOISE. */
const CUT_BYTES = 6 * STRIDE;
const TEMPORARIES = 65536;
const HEADER = 1024;

const entry = (kind, bytes, align) => (about, names) => ({
  about,
  names: names.split(" "),
  kind,
  bytes,
  align,
});

/** 4-byte integers unless said. */
const fields = entry("field", 4, 4);
const f64Fields = entry("field", 8, 8);
const bytes = (size, about, names) => entry("bytes", size, VECTOR)(about, names);
const vectors = (number, about, names) => bytes(number * VECTOR, about, names);
/** Arrays of f32, or of integers, one entry a lane. */
const reals = entry("real", STRIDE, VECTOR);
const integers = entry("integer", STRIDE, VECTOR);
/** Lists of as many integers, or f64, as there are lanes. */
const lists = entry("list", STRIDE, VECTOR);
const f64Lists = entry("list", 2 * STRIDE, VECTOR);

const MEMORY = [
  fields("Number of vectors of group 0, and of both groups.", "VECTORS_0 VECTORS"),
  fields("Number of neurons of group 0, and of both groups.", "COUNT_0 COUNT"),
  fields("Halvings of an interval before the series of propagators.ts are exact enough.", "HALVINGS"),
  fields("1 when adaptive or exponential neurons exist.", "ADEX"),
  fields("Rows of jumps; addresses of the jumps.", "ROWS ROW_EXC ROW_INH"),
  fields(
    "Addresses, per row: first vector, end of vectors, 1 if it reaches a neuron that can spike.",
    "ROW_FIRST ROW_END ROW_RECURRENT",
  ),
  fields("Any row with ROW_RECURRENT that a neuron triggers.", "RECURRENT"),
  fields("Events from outside: number, addresses of times (f64) and rows.", "EVENTS EVENT_TIME EVENT_ROW"),
  fields("f32: spread of event amplitudes ÷ standard deviation of the sum of 4 bytes.", "EVENT_NOISE"),
  bytes(16, "Four words that name the noise of the entry.", "NOISE_KEY"),
  fields(
    "Samples of group 0: number, addresses of times (f64) and values, capacity in values, first vector that is sampled and end of vectors.",
    "SAMPLES SAMPLE_TIME SAMPLE_VALUE SAMPLE_CAPACITY SAMPLE_FIRST SAMPLE_END",
  ),
  fields("The same of group 1, GROUP_STRIDE bytes later.", "SAMPLES_1 - - - - -"),
  fields(
    "Points of the trace, addresses of times (f64) and values, capacity.",
    "TRACES TRACE_TIME TRACE_VALUE TRACE_CAPACITY",
  ),
  fields("Lane of the trace; 0 membrane, 1 excitatory, 2 inhibitory current.", "TRACE_LANE TRACE_SOURCE"),
  fields(
    "Spikes found, addresses of times (f64) and neurons, capacity.",
    "SPIKES SPIKE_TIME SPIKE_NEURON SPIKE_CAPACITY",
  ),
  f64Fields("µs.", "STEP DURATION"),

  vectors(
    4,
    "Generators, 4 words × 4 lanes each: of membranes, of events and spikes, of samples.",
    "MEMBRANE_STREAM EVENT_STREAM SAMPLE_STREAM",
  ),
  vectors(
    5,
    "Propagators over an interval chosen at run time: decays of membrane and currents, responses.",
    "PROPAGATOR",
  ),
  vectors(6, "For the moment.", "SCRATCH"),
  vectors(4, "Constants of the series of propagators.ts.", "SERIES"),
  vectors(1, "A vector of −∞.", "NOWHERE"),

  reals("Membrane and synaptic currents at the end of the step.", "X IE II"),
  reals(
    "Full step: decay of membrane and currents, responses to the currents, noise per unit of a sum of bytes. Kept together: see CUT.",
    "AM AE AI PE PI STEP_NOISE",
  ),
  reals(
    "Limits of the membrane, the upper one ∞ where the threshold is below the rail: the neuron spikes before it gets there. Potential above which crossings are looked for (∞ while refractory).",
    "LOW HIGH NEAR_THRESHOLD",
  ),
  reals("Upper rail of what is read.", "RAIL_HIGH"),
  integers(
    "First lane of each vector: bit k, the excitatory current of its lane k may saturate or is STRONG; bit 4 + k, the inhibitory may saturate.",
    "MAY_SATURATE",
  ),
  reals("−1/τ of membrane and currents.", "RATE_M RATE_E RATE_I"),
  reals("Response polynomials P(d) = d (1 + p₁ d + … + p₄ d⁴).", "PE_1 PE_2 PE_3 PE_4 PI_1 PI_2 PI_3 PI_4"),
  reals(
    "Stationary noise ÷ standard deviation of the sum of 4 bytes; the variance 2σ²/τ_m that it gains per time, and the root of that, again ÷ the standard deviation of the sum.",
    "SIGMA DIFFUSION ROUGHNESS",
  ),
  reals(
    "Saturation of the excitatory input: knee, width of the bend, its curvature, and a current under which no step meets the knee.",
    "KNEE_E WIDTH_E BEND_E SAFE_E",
  ),
  reals("The same of the inhibitory input.", "KNEE_I WIDTH_I BEND_I SAFE_I"),
  reals(
    "Excitatory current from which on a peak within a step may stand further above both ends than NEAR_THRESHOLD is below the threshold, and by how much per current beyond.",
    "STRONG_E BULGE_E",
  ),
  reals(
    "Full step, excess of the currents by Gauss–Legendre: decay of the currents to both nodes, weights.",
    "NODE_1_E NODE_2_E NODE_1_I NODE_2_I WEIGHT_1 WEIGHT_2",
  ),
  reals(
    "Threshold and NEAR_THRESHOLD of a neuron that is not refractory, reset, refractory time, leak.",
    "THRESHOLD NEAR_THRESHOLD_FREE RESET REFRACTORY LEAK",
  ),
  integers(
    "Masks: −1 where the membrane is free, 0 while refractory and in dead lanes; and −1 in live lanes.",
    "OPEN LIVE",
  ),
  reals(
    "Piece of the membrane's path that lasts to the end of the step: start within the step, potential there, its first and second derivative.",
    "START START_X START_SLOPE START_BEND",
  ),
  reals("Slopes added at the end of the step: of the noise, and of AdEx terms.", "RAMP EXTRA"),
  reals("Noise of the last sample within the step, beyond its mean between the ends.", "BRIDGE"),
  reals("From when in this step the membrane is free.", "FREE_FROM"),
  integers("The lane's neuron; row that it triggers, −1 for none.", "NEURON SPIKE_ROW"),
  reals(
    "AdEx: adaptation current, Δ_T/τ_m, V_T, 1/Δ_T, largest potential for the exponential, −1/τ_w, a, b, V_w.",
    "W EXP_RATE EXP_THRESHOLD EXP_STEEPNESS EXP_CEILING ADAPT_RATE ADAPT_A ADAPT_B ADAPT_LEAK",
  ),
  reals(
    "NEAR_THRESHOLD, or −∞ in a lane of which MAY_SATURATE says something: from where on the loop over vectors notes a vector.",
    "FLAG_FROM",
  ),

  lists(
    "Lanes with a crossing to come, as byte offsets into lane arrays like all lists of lanes, and its time within the step (f32).",
    "QUEUE QUEUE_TIME",
  ),
  lists("Refractory lanes.", "REFRACTORY_LANE"),
  f64Lists("Time at which each of REFRACTORY_LANE is released.", "RELEASE_TIME"),
  lists(
    "Lanes released in this step. A step is shorter than refractory times, so that no lane is released twice in it.",
    "RELEASED",
  ),
  lists("Lanes to be released within the step, and when within it (f32).", "DUE_LANE DUE_FROM"),
  lists(
    "Vectors of the step that want more than its linear part, ascending; those of them with a membrane near threshold.",
    "FLAGGED NEAR_LIST",
  ),
  lists(
    "Membranes and currents at the start of the step, and its noise. Between steps: random words, see WORDS.",
    "OLD_X OLD_E OLD_I NOISE",
  ),
  lists(
    "Lanes that end the step above threshold, and the addresses of their heights in PATHS.",
    "UP_LANE UP_PATH",
  ),
  bytes((LANES / 4) * 6 * VECTOR, "Paths of the vectors in NEAR_LIST: see PATH_HEIGHT.", "PATHS"),
  bytes(4 * CUT_SLOTS, "Length of the cut step in each slot of coefficients, µs; 0: empty.", "CUT_LENGTH"),
  bytes(CUT_SLOTS * CUT_BYTES, "Coefficients of cut steps, kept by their length.", "CUT_COEFFICIENTS"),
  vectors(TEMPORARIES, "Temporaries of the build without SIMD (scalar.ts).", "TEMPORARY"),
  bytes(0, "Buffers of sizes chosen by the loader start here.", "BUFFERS"),
];

/** What follows from the addresses, or is no address. */
const constants = (address) => [
  [
    "Room for 512 neurons in two groups, and for one vector that no neuron is in: what is gathered from four lanes.",
    "LANES",
    LANES,
  ],
  ["Bytes of a lane array; of that one vector in it.", "STRIDE", STRIDE],
  ["", "GATHERED", STRIDE - VECTOR],
  ["From the fields of group 0 to those of group 1.", "GROUP_STRIDE", address.SAMPLES_1 - address.SAMPLES],
  ["Random words between steps: the four arrays from OLD_X on.", "WORDS", address.OLD_X],
  [
    "A path in PATHS, a vector each: threshold and end of the step above its start, slopes at both ends and half the second derivative at the start, in units of the step; variance gained by noise.",
    "PATH_HEIGHT",
    0,
  ],
  ...["RISE", "FIRST", "LAST", "BEND", "VARIANCE", "BYTES"].map((name, k) => [
    "",
    `PATH_${name}`,
    (k + 1) * VECTOR,
  ]),
  [
    "From AM … STEP_NOISE of the full step to those of the first slot; a slot has CUT_BYTES.",
    "CUT",
    address.CUT_COEFFICIENTS - address.AM,
  ],
  ["", "CUT_BYTES", CUT_BYTES],
  ["", "CUT_SLOTS", CUT_SLOTS],
  ["", "TEMPORARIES", TEMPORARIES],
  ["What run() returns.", "OK", 0],
  ["", "TOO_MANY_SPIKES", 1],
  ["", "TOO_MANY_SAMPLES", 2],
  ["", "NO_SUCH_ROW", 3],
  ["", "TOO_MANY_NEURONS", 4],
];

/** START_SLOPE → startSlope */
const camelCase = (name) => name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/**
 * The text of src/chip/kernel/layout.ts, integer constants alone, which TypeScript and AssemblyScript read alike; and of
 * src/chip/kernel/lane-arrays.ts, the lane arrays by the names that the loader has for them.
 */
export function layoutSources() {
  const address = {};
  const lines = [];
  const arrays = { real: [], integer: [] };
  const say = (about, name, value) => {
    if (about !== "") lines.push(`/** ${about} */`);
    lines.push(`export const ${name} = ${value};`);
  };
  let next = HEADER;
  for (const { about, names, kind, bytes: size, align } of MEMORY) {
    names.forEach((name, k) => {
      next = Math.ceil(next / align) * align;
      if (name !== "-") {
        address[name] = next;
        say(k === 0 ? about : "", name, next);
        arrays[kind]?.push(`  ${camelCase(name)}: ${next},`);
      }
      next += size;
    });
  }
  for (const [about, name, value] of constants(address)) say(about, name, value);
  const origin = "Generated by assembly/build.js from assembly/memory.js";
  return {
    layout: [`/** ${origin}: where everything lies in the kernel's memory, in bytes. */`, ...lines, ""].join(
      "\n",
    ),
    laneArrays: [
      `/** ${origin}: the lane arrays of the kernel's memory. */`,
      `export const REAL_ARRAYS = {\n${arrays.real.join("\n")}\n} as const;`,
      `export const INTEGER_ARRAYS = {\n${arrays.integer.join("\n")}\n} as const;`,
      "",
    ].join("\n"),
  };
}
