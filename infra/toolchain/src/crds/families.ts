/** Groups of third-party kinds; the names of the folders that bring their definitions. */
export type CrdFamily =
  | "cluster-api-core"
  | "cluster-api-bootstrap-kubeadm"
  | "cluster-api-controlplane-kubeadm"
  | "cluster-api-operator"
  | "metal3-baremetal-operator"
  | "metal3-capm3"
  | "metal3-ipam"
  | "metal3-ironic"
  | "kueue"
  | "jobset"
  | "cloudnative-pg"
  | "cert-manager"
  | "prometheus-operator"
  | "gpu-operator"
  | "network-operator"
  | "rook-ceph"
  | "external-secrets";

export interface FamilyDefinitions {
  readonly family: CrdFamily;
  /** Where a Go module brings them. `version` of a family of ours comes from its go.mod. */
  readonly module:
    | {
        readonly path: string;
        readonly version: string | { readonly ofFamily: "cluster-api" | "kueue" };
        /** A folder or a file of the module. */
        readonly source: string;
        /** Only files whose names begin so. */
        readonly prefix?: string;
      }
    | undefined;
  /**
   * Published for a conversion webhook that does not run here: only the stored version is used. Cluster
   * API follows references only to kinds that carry the label of its contract.
   */
  readonly base: "none" | "stored version" | "stored version and contract";
}

const clusterApi = {
  path: "sigs.k8s.io/cluster-api",
  version: { ofFamily: "cluster-api" },
} as const;

/** What can come from where; what no Go module brings is read from `ERTIS_CRDS_DIR`. */
export const definitions: readonly FamilyDefinitions[] = [
  {
    family: "cluster-api-core",
    module: { ...clusterApi, source: "config/crd/bases" },
    base: "stored version and contract",
  },
  {
    family: "cluster-api-bootstrap-kubeadm",
    module: { ...clusterApi, source: "bootstrap/kubeadm/config/crd/bases" },
    base: "stored version and contract",
  },
  {
    family: "cluster-api-controlplane-kubeadm",
    module: { ...clusterApi, source: "controlplane/kubeadm/config/crd/bases" },
    base: "stored version and contract",
  },
  {
    family: "cluster-api-operator",
    module: {
      path: "sigs.k8s.io/cluster-api-operator",
      version: "v0.28.0",
      source: "config/crd/bases",
    },
    base: "none",
  },
  {
    family: "metal3-baremetal-operator",
    module: {
      path: "github.com/metal3-io/baremetal-operator",
      version: "v0.13.2",
      source: "config/base/crds/bases",
    },
    base: "none",
  },
  {
    family: "metal3-capm3",
    module: {
      path: "github.com/metal3-io/cluster-api-provider-metal3",
      version: "v1.13.2",
      source: "config/crd/bases",
    },
    base: "stored version and contract",
  },
  {
    family: "metal3-ipam",
    module: {
      path: "github.com/metal3-io/ip-address-manager",
      version: "v1.13.2",
      source: "config/crd/bases",
    },
    base: "none",
  },
  {
    family: "metal3-ironic",
    module: {
      path: "github.com/metal3-io/ironic-standalone-operator",
      version: "v0.11.0",
      source: "config/crd/bases",
    },
    base: "none",
  },
  {
    family: "kueue",
    module: {
      path: "sigs.k8s.io/kueue",
      version: { ofFamily: "kueue" },
      source: "config/components/crd/bases",
    },
    base: "stored version",
  },
  {
    family: "jobset",
    module: {
      path: "sigs.k8s.io/jobset",
      version: "v0.12.0",
      source: "config/components/crd/bases",
    },
    base: "none",
  },
  {
    family: "cloudnative-pg",
    module: {
      path: "github.com/cloudnative-pg/cloudnative-pg",
      version: "v1.30.0",
      source: "config/crd/bases",
    },
    base: "none",
  },
  {
    family: "cert-manager",
    module: {
      path: "github.com/cert-manager/cert-manager",
      version: "v1.21.1",
      source: "deploy/crds",
    },
    base: "none",
  },
  {
    family: "prometheus-operator",
    module: {
      path: "github.com/prometheus-operator/prometheus-operator",
      version: "v0.93.0",
      source: "example/prometheus-operator-crd",
    },
    base: "none",
  },
  // Tagged v26 without that suffix in its module path, so no Go module of that version exists.
  { family: "gpu-operator", module: undefined, base: "none" },
  { family: "network-operator", module: undefined, base: "none" },
  {
    family: "rook-ceph",
    module: {
      path: "github.com/rook/rook",
      version: "v1.20.6",
      source: "deploy/examples/crds.yaml",
    },
    base: "none",
  },
  {
    family: "external-secrets",
    // The last tag that is a Go module; its kinds are external-secrets.io/v1, as in 2.x.
    module: {
      path: "github.com/external-secrets/external-secrets",
      version: "v1.3.2",
      source: "config/crds/bases",
      prefix: "external-secrets.io_",
    },
    base: "none",
  },
];

export function definitionsOf(family: CrdFamily): FamilyDefinitions {
  const found = definitions.find((entry) => entry.family === family);
  if (found === undefined) {
    throw new Error(`no definitions are declared for the family ${family}`);
  }
  return found;
}

export const crdFamilies: readonly CrdFamily[] = definitions.map(({ family }) => family);
