/** Two spike trains of one sample, neuron by neuron: which spikes are the same, and how far they lie apart. */

/**
 * Matches in order of time within each neuron; spikes further apart than `tolerance` are not the same.
 *
 * @param found, wanted { time, neuron } lists in ascending time, µs
 * @param distances gets |Δt| of each match, µs
 * @returns missed and extra spikes
 */
export function matchSpikes(found, wanted, neurons, tolerance, distances) {
  const [own, exact] = [found, wanted].map((train) => byNeuron(train, neurons));
  let missed = 0;
  let extra = 0;
  for (let neuron = 0; neuron < neurons; neuron++) {
    const [a, b] = [own[neuron], exact[neuron]];
    let i = 0;
    let k = 0;
    while (i < a.length && k < b.length) {
      const gap = a[i] - b[k];
      if (Math.abs(gap) <= tolerance) {
        distances.push(Math.abs(gap));
        i++;
        k++;
      } else if (gap < 0) {
        extra++;
        i++;
      } else {
        missed++;
        k++;
      }
    }
    extra += a.length - i;
    missed += b.length - k;
  }
  return { missed, extra };
}

function byNeuron({ time, neuron }, neurons) {
  const trains = Array.from({ length: neurons }, () => []);
  time.forEach((at, k) => {
    trains[neuron[k]].push(at);
  });
  for (const train of trains) train.sort((a, b) => a - b);
  return trains;
}
