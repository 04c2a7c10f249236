import type { JobSpec, RetryPolicy, Workload } from "../words/job-spec.ts";

/** Parts of specs that many jobs share, written once a row or chunk. */
export interface SharedParts {
  readonly retries: readonly RetryPolicy[];
  readonly labels: readonly JobSpec["labels"][];
  readonly workloads: readonly Workload[];
}

/**
 * Gives positions to parts. Found by identity: the border makes one object for equal parts, and
 * decoding gives one object back.
 */
export class SharedPartsWriter {
  readonly retry = new PartTable<RetryPolicy>();
  readonly labels = new PartTable<JobSpec["labels"]>();
  readonly workload = new PartTable<Workload>();

  get parts(): SharedParts {
    return {
      retries: this.retry.parts,
      labels: this.labels.parts,
      workloads: this.workload.parts,
    };
  }
}

class PartTable<Part extends object> {
  readonly #positions = new Map<Part, number>();
  readonly parts: Part[] = [];

  /** Position of a part, given to it when it is new. */
  add(part: Part): number {
    const known = this.#positions.get(part);
    if (known !== undefined) {
      return known;
    }
    const position = this.parts.length;
    this.#positions.set(part, position);
    this.parts.push(part);
    return position;
  }
}
