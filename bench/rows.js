/**
 * The rows of a benchmark as cells of one table; columns that no row fills are left out.
 *
 * A row: { what, unit } and, of these, what applies: cpu and wall (summaries), value, spikes per sample, chip (what
 * the real one takes), peer, cost (of an effect, %), floor and aim with `judged` ("cpu" by default or "wall"),
 * matchedFloor, medianFloorPs, memoryFloor, within, peakMB, note.
 */

const COLUMNS = [
  ["", ({ what }) => what],
  ["unit", ({ unit }) => unit],
  ["CPU", ({ cpu }) => (cpu === undefined ? "" : digits(cpu.median))],
  ["quartiles", ({ cpu }) => (cpu === undefined ? "" : spread(cpu))],
  ["least", ({ cpu }) => (cpu === undefined ? "" : digits(cpu.least))],
  ["wall", ({ wall }) => (wall === undefined ? "" : `${digits(wall.median)}`)],
  ["quartiles", ({ wall }) => (wall === undefined ? "" : spread(wall))],
  ["value", ({ value }) => (value === undefined ? "" : percentDigits(value))],
  ["spikes/sample", ({ spikes }) => (spikes == null ? "" : spikes.toFixed(1))],
  ["chip's / ours", (row) => (row.chip === undefined ? "" : digits(row.chip / judgedTime(row)))],
  ["peer's / ours", (row) => (row.peer === undefined ? "" : digits(row.peer / judgedTime(row)))],
  [
    "costs",
    ({ cost }) =>
      cost === undefined ? "" : `${signed(cost.median)} % (${signed(cost.lower)} to ${signed(cost.upper)})`,
  ],
  ["peak memory", ({ peakMB }) => (peakMB === undefined ? "" : `${Math.round(peakMB)} MB`)],
  ["wanted", wanted],
  ["remarks", ({ note }) => note ?? ""],
];

/** @returns rows of equally many cells, the heading first */
export function rowCells(rows) {
  const filled = COLUMNS.map(([heading, cell]) => ({ heading, cells: rows.map(cell) })).filter(({ cells }) =>
    cells.some((cell) => cell !== ""),
  );
  return [filled.map(({ heading }) => heading), ...rows.map((_, r) => filled.map(({ cells }) => cells[r]))];
}

/** The figure that a limit or a comparison is about. Epochs of several threads are judged by wall time. */
function judgedTime(row) {
  const kind = row.judged ?? (row.unit === "s/epoch" ? "wall" : "cpu");
  return (row[kind] ?? row.wall).median;
}

function wanted(row) {
  const { floor, aim, matchedFloor, medianFloorPs, memoryFloor, within } = row;
  const verdict = (met) => (met ? "met" : "missed");
  if (floor !== undefined) {
    const time = judgedTime(row);
    const limits = aim === undefined ? `<= ${digits(floor)}` : `<= ${digits(floor)}, aim ${digits(aim)}`;
    return `${limits}: ${aim !== undefined && time <= aim ? "aim met" : verdict(time <= floor)}`;
  }
  if (matchedFloor !== undefined) {
    const met = row.value >= matchedFloor && row.medianPs < medianFloorPs;
    return `>= ${matchedFloor} %, < ${medianFloorPs} ps: ${verdict(met)}`;
  }
  if (memoryFloor !== undefined) return `<= ${memoryFloor} MB: ${verdict(row.peakMB <= memoryFloor)}`;
  if (within !== undefined) return `within ${within} %: ${verdict(Math.abs(row.value) <= within)}`;
  return "";
}

function spread({ lower, upper }) {
  return `${digits(lower)}-${digits(upper)}`;
}

/** Three digits, never as a power of ten. */
function digits(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toPrecision(3);
}

function percentDigits(value) {
  return value.toFixed(value > 90 ? 4 : 2);
}

function signed(value) {
  return `${value < 0 ? "" : "+"}${value.toFixed(1)}`;
}
