/** What kubeadm's kinds of Cluster API (v1beta2) are written with, as narrow as it is used. */
export const kubeadmApiVersions = {
  controlPlane: "controlplane.cluster.x-k8s.io/v1beta2",
  bootstrap: "bootstrap.cluster.x-k8s.io/v1beta2",
} as const;

/** A flag without its dashes. Names are unique in a list. */
export interface Argument {
  readonly name: string;
  readonly value: string;
}

/** A file written before kubeadm runs: its text, or the key of a Secret that holds it. */
export interface HostFile {
  readonly path: string;
  readonly owner: "root:root";
  readonly permissions: string;
  readonly content?: string;
  readonly contentFrom?: { readonly secret: { readonly name: string; readonly key: string } };
}

export interface NodeRegistration {
  readonly name?: string;
  readonly criSocket: string;
  readonly imagePullPolicy: "IfNotPresent";
  readonly kubeletExtraArgs: readonly Argument[];
  readonly taints?: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: string;
  }[];
}

interface Component {
  readonly extraArgs: readonly Argument[];
  readonly extraVolumes?: readonly {
    readonly name: string;
    readonly hostPath: string;
    readonly mountPath: string;
    readonly pathType: "File" | "DirectoryOrCreate";
    readonly readOnly: boolean;
  }[];
}

export interface ClusterConfiguration {
  readonly imageRepository?: string;
  readonly apiServer: Component & { readonly certSANs: readonly string[] };
  readonly controllerManager: Component;
  readonly scheduler: Component;
  readonly dns?: { readonly imageRepository: string };
  readonly etcd: { readonly local: { readonly extraArgs: readonly Argument[] } };
}

interface NodeConfiguration {
  readonly nodeRegistration: NodeRegistration;
  readonly patches: { readonly directory: string };
}

export interface KubeadmConfigSpec {
  readonly clusterConfiguration?: ClusterConfiguration;
  readonly initConfiguration?: NodeConfiguration & { readonly skipPhases?: readonly string[] };
  readonly joinConfiguration: NodeConfiguration;
  readonly files: readonly HostFile[];
  readonly preKubeadmCommands: readonly string[];
  readonly postKubeadmCommands?: readonly string[];
}

export interface KubeadmControlPlaneTemplateSpec {
  readonly template: {
    readonly spec: {
      readonly kubeadmConfigSpec: KubeadmConfigSpec;
      readonly machineTemplate: {
        readonly spec: { readonly deletion: Readonly<Record<string, number>> };
      };
      readonly remediation: {
        readonly maxRetry: number;
        readonly minHealthyPeriodSeconds: number;
        readonly retryPeriodSeconds: number;
      };
      readonly rollout: {
        readonly before: { readonly certificatesExpiryDays: number };
        readonly strategy: {
          readonly type: "RollingUpdate";
          readonly rollingUpdate: { readonly maxSurge: number };
        };
      };
    };
  };
}

export interface KubeadmConfigTemplateSpec {
  readonly template: { readonly spec: KubeadmConfigSpec };
}
