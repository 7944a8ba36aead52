/** Order statistics of repeated measurements. Medians and quartiles: a busy machine makes single values lie. */

/** Value below which `share` of the sorted values lie, linear between neighbors. */
export function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

/** @returns {{ median: number, lower: number, upper: number, least: number, count: number }} */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
    least: sorted[0],
    count: sorted.length,
  };
}

export function median(values) {
  return summary(values).median;
}
