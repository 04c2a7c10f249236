/** A Kubernetes object as plain data. Kinds with a known shape extend it: see `kinds/`. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ManifestMetadata;
  readonly [key: string]: unknown;
}

export interface ManifestMetadata {
  /** Always written: a generated name would change with the code around it. */
  readonly name: string;
  /** Absent for kinds without a namespace, and only for those. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
