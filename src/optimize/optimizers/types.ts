/** The seam of optimizers: gradient in, weights moved, in place. They know weights as plain numbers. */

/** Memory of an optimizer between updates; plain data, so that a checkpoint is a copy of it. */
export interface OptimizerState {
  /** Updates made so far. */
  step: number;
  /** Running moments, each as long as the weights; how many depends on the optimizer. */
  readonly moments: readonly Float64Array[];
}

export interface Optimizer {
  /** Before any schedule. */
  readonly learningRate: number;
  /** State before the first update of `length` weights. */
  init(length: number): OptimizerState;
  /**
   * One update: writes `weights` and `state`, reads `gradient`. `factor` multiplies the learning rate. All
   * arrays are as long as the `length` of `init`; the result depends on the arguments alone.
   */
  update(weights: Float64Array, gradient: Float64Array, state: OptimizerState, factor: number): void;
}
