import type { JobSpec, RetryPolicy, Workload } from "../words/job-spec.ts";

/** Parts of specs that many jobs share, written once a row or chunk. */
export interface SharedParts {
  readonly retries: readonly RetryPolicy[];
  readonly labels: readonly JobSpec["labels"][];
  readonly workloads: readonly Workload[];
}

/**
 * Gives positions to parts. Found by identity first, which is what makes it cheap: the border makes
 * one object for equal parts, and decoding gives one object back.
 */
export class SharedPartsWriter {
  readonly retry: PartTable<RetryPolicy> = new PartTable();
  readonly labels: PartTable<JobSpec["labels"]> = new PartTable();
  readonly workload: PartTable<Workload> = new PartTable();

  get parts(): SharedParts {
    return {
      retries: this.retry.parts,
      labels: this.labels.parts,
      workloads: this.workload.parts,
    };
  }
}

class PartTable<Part extends object> {
  readonly #byIdentity = new Map<Part, number>();
  readonly #byContent = new Map<string, number>();
  readonly parts: Part[] = [];

  /** Position of a part; parts with the same content have the same position. */
  add(part: Part): number {
    const known = this.#byIdentity.get(part);
    if (known !== undefined) {
      return known;
    }
    const content = JSON.stringify(part);
    let position = this.#byContent.get(content);
    if (position === undefined) {
      position = this.parts.length;
      this.#byContent.set(content, position);
      this.parts.push(part);
    }
    this.#byIdentity.set(part, position);
    return position;
  }
}
