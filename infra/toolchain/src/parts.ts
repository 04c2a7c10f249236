import type { FamilyName } from "./build/families.ts";

export type PartName =
  | "pulumi"
  | "pulumi-language-nodejs"
  | "pulumi-resource-kubernetes"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "kwok"
  | "kwokctl"
  | "kueue"
  | "capi-core"
  | "capi-kubeadm-bootstrap"
  | "capi-kubeadm-control-plane"
  | "capi-dev";

/** One program of the toolchain, as found. */
export interface Part {
  readonly name: PartName;
  readonly kind: "real" | "stand-in" | "missing";
  readonly where: "PATH" | "cache" | "plugins" | "repository" | "missing";
  /** Without `v`; undefined where it is missing. */
  readonly version: string | undefined;
  readonly path: string | undefined;
  /** What does not run without it. */
  readonly without: string;
  /** What was found in PATH and is not used, or what to install. */
  readonly note: string | undefined;
}

export interface PartDescription {
  readonly name: PartName;
  readonly family: FamilyName;
  readonly without: string;
  /**
   * How it tells its version. Undefined: it does not, so it is taken from the cache only. Kueue and
   * Cluster API are published as images; their programs must also match the manifests beside them.
   */
  readonly versionArguments: readonly string[] | undefined;
}

const clusters = "local clusters and real tests";

/** All but the Kubernetes plugin, which cannot be built from Go modules. */
export const builtParts: readonly PartDescription[] = [
  {
    name: "pulumi",
    family: "pulumi",
    without: "preview, up, drift, destroy",
    versionArguments: ["version"],
  },
  {
    name: "pulumi-language-nodejs",
    family: "pulumi-language-nodejs",
    without: "any stack: it starts the programs",
    versionArguments: undefined,
  },
  { name: "etcd", family: "kubernetes", without: clusters, versionArguments: ["--version"] },
  {
    name: "kube-apiserver",
    family: "kubernetes",
    without: clusters,
    versionArguments: ["--version"],
  },
  {
    name: "kube-controller-manager",
    family: "kubernetes",
    without: clusters,
    versionArguments: ["--version"],
  },
  {
    name: "kube-scheduler",
    family: "kubernetes",
    without: clusters,
    versionArguments: ["--version"],
  },
  {
    name: "kubectl",
    family: "kubernetes",
    without: clusters,
    versionArguments: ["version", "--client"],
  },
  { name: "kwok", family: "kwok", without: clusters, versionArguments: ["--version"] },
  { name: "kwokctl", family: "kwok", without: clusters, versionArguments: ["--version"] },
  {
    name: "kueue",
    family: "kueue",
    without: "tests of Kueue's controller",
    versionArguments: undefined,
  },
  ...(
    [
      "capi-core",
      "capi-kubeadm-bootstrap",
      "capi-kubeadm-control-plane",
      "capi-dev",
    ] satisfies readonly PartName[]
  ).map(
    (name) =>
      ({
        name,
        family: "cluster-api",
        without: "tests of the Cluster API managers",
        versionArguments: undefined,
      }) as const,
  ),
];
