/** Where a version comes from, so that the next person can check it. */
export interface Pinned {
  readonly version: string;
  readonly source: string;
}

/** A third-party component: version of its chart and of the program inside. */
export interface PinnedChart extends Pinned {
  /** Version of the program, as its own releases call it. */
  readonly app: string;
}

export interface KubernetesSeries {
  /** For example `1.35`. */
  readonly series: string;
  /** The patch release of the tested set; older patches of a series miss fixes, newer ones are safe. */
  readonly patchMin: number;
  readonly source: string;
}

export type AddonVersionName =
  | "certManager"
  | "clusterApiOperator"
  | "ironicOperator"
  | "baremetalOperator"
  | "cloudnativePg"
  | "openbao"
  | "externalSecrets"
  | "harbor"
  | "prometheusStack"
  | "cilium"
  | "gpuOperator"
  | "networkOperator"
  | "rook"
  | "kueue"
  | "jobset";

export interface Versions {
  readonly kubernetes: {
    readonly series: readonly KubernetesSeries[];
    /** What new clusters get, without `v`. */
    readonly newest: string;
    /** Why no newer series. */
    readonly refusal: string;
  };
  readonly host: Readonly<
    Record<"operatingSystem" | "containerd" | "driver" | "containerToolkit", Pinned>
  >;
  readonly addons: Readonly<Record<AddonVersionName, PinnedChart>>;
  readonly providers: Readonly<Record<"clusterApi" | "metal3" | "metal3Ipam", Pinned>>;
  readonly ceph: Pinned;
  /** The Ertis server, of this repository. */
  readonly ertis: Pinned;
}

const stack = "NVIDIA Cloud Native Stack 18.0, batch 26.6.0 of 1 July 2026";
const crds = "the release its schemas are checked with";

/**
 * The one set of versions that is rolled out together. Charts and the policy pack read it from here, so
 * that a preview refuses what was never tested. Images are named by tag: the digests are known only
 * when a registry is at hand, and the mirror run writes them down (docs/runbooks).
 */
export const versions: Versions = {
  kubernetes: {
    series: [
      {
        series: "1.34",
        patchMin: 0,
        source: "lowest of Kueue 0.18; Network Operator 1.31 to 1.35",
      },
      { series: "1.35", patchMin: 6, source: stack },
    ],
    /** What new clusters get. */
    newest: "1.35.6",
    refusal:
      "Network Operator is tested on Kubernetes 1.31 to 1.35 only (Cloud Native Stack 26.6.0)",
  },
  host: {
    operatingSystem: { version: "Ubuntu 24.04", source: stack },
    containerd: { version: "2.3.1", source: stack },
    driver: { version: "580.126.20", source: stack },
    containerToolkit: { version: "1.19.1", source: stack },
  },
  addons: {
    certManager: { version: "v1.21.1", app: "v1.21.1", source: crds },
    clusterApiOperator: { version: "0.28.0", app: "v0.28.0", source: crds },
    ironicOperator: { version: "0.11.0", app: "v0.11.0", source: crds },
    baremetalOperator: { version: "0.13.2", app: "v0.13.2", source: crds },
    cloudnativePg: { version: "0.29.0", app: "1.30.0", source: crds },
    openbao: { version: "0.29.2", app: "2.6.2", source: "chart release" },
    externalSecrets: { version: "2.9.0", app: "v2.9.0", source: "chart release" },
    harbor: { version: "1.19.1", app: "v2.15.1", source: "chart release" },
    prometheusStack: { version: "86.2.3", app: "v0.91.0", source: stack },
    cilium: { version: "1.19.6", app: "v1.19.6", source: "newest patch of 1.19" },
    gpuOperator: { version: "v26.3.2", app: "v26.3.2", source: stack },
    networkOperator: { version: "26.1.0", app: "v26.1.0", source: `${stack}, for GPUDirect RDMA` },
    rook: { version: "v1.20.6", app: "v1.20.6", source: crds },
    kueue: {
      version: "0.18.2",
      app: "v0.18.2",
      source: "the release the watt quotas were run with",
    },
    jobset: { version: "0.12.0", app: "v0.12.0", source: crds },
  },
  providers: {
    clusterApi: { version: "v1.13.4", source: "the release the clusters were run with" },
    metal3: { version: "v1.13.2", source: crds },
    metal3Ipam: { version: "v1.13.2", source: crds },
  },
  ceph: { version: "v20.2.2", source: "Rook 1.20" },
  ertis: { version: "0.1.0", source: "apps/scheduler/package.json" },
};

/**
 * Why a Kubernetes version is outside the tested set; undefined when it is inside. Takes `1.35.6` and
 * `v1.35.6`.
 */
export function untestedKubernetes(version: string): string | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (match === null) {
    return `"${version}" is no Kubernetes version; write it like ${versions.kubernetes.newest}`;
  }
  const [, major = "", minor = "", patch = ""] = match;
  const found = versions.kubernetes.series.find((one) => one.series === `${major}.${minor}`);
  const allowed = versions.kubernetes.series
    .map((one) => `${one.series}.${one.patchMin} and later patches`)
    .join(", ");
  if (found === undefined) {
    const why = Number(major) === 1 && Number(minor) > 35 ? `${versions.kubernetes.refusal}. ` : "";
    return `Kubernetes ${major}.${minor} is outside the tested set. ${why}Allowed are ${allowed}`;
  }
  return Number(patch) >= found.patchMin
    ? undefined
    : `Kubernetes ${major}.${minor}.${patch} is older than the tested patch. Allowed are ${allowed}`;
}

export function isTestedKubernetes(version: string): boolean {
  return untestedKubernetes(version) === undefined;
}
