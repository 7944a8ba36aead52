/**
 * b and c of the neuron that the adjoint is at, ahead of a loop that takes one of them by the sign of a weight. From
 * the table of constants, which is an argument, the loop would load and check them in every iteration.
 */
// V8 keeps the address of an array constant from 9 numbers on.
export const neuronRates = new Float64Array(16);
