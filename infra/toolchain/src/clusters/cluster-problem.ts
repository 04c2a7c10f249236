/** A local cluster that does not come up, or up to what was asked: the message says which and why. */
export class ClusterProblem extends Error {
  override readonly name = "ClusterProblem";
}
