/** Kinds of Cluster API's core (v1beta2), as narrow as they are used. */
export const clusterApiVersion = "cluster.x-k8s.io/v1beta2";

export interface TemplateReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export interface HealthCheck {
  readonly checks: {
    readonly nodeStartupTimeoutSeconds: number;
    readonly unhealthyNodeConditions: readonly {
      readonly type: string;
      readonly status: "False" | "Unknown";
      readonly timeoutSeconds: number;
    }[];
  };
  readonly remediation: {
    readonly maxInFlight?: number;
    readonly triggerIf: { readonly unhealthyLessThanOrEqualTo: number };
    readonly templateRef?: TemplateReference;
  };
}

export interface MachineDeploymentClass {
  readonly class: string;
  readonly bootstrap: { readonly templateRef: TemplateReference };
  readonly infrastructure: { readonly templateRef: TemplateReference };
  readonly deletion: {
    readonly order: "Newest" | "Oldest" | "Random";
    readonly nodeDrainTimeoutSeconds: number;
    readonly nodeVolumeDetachTimeoutSeconds: number;
    readonly nodeDeletionTimeoutSeconds: number;
  };
  readonly healthCheck: HealthCheck;
  readonly rollout: {
    readonly strategy: {
      readonly type: "RollingUpdate";
      readonly rollingUpdate: { readonly maxSurge: number; readonly maxUnavailable: number };
    };
  };
}

export interface ClassVariable {
  readonly name: string;
  readonly required: boolean;
  readonly schema: { readonly openAPIV3Schema: Readonly<Record<string, unknown>> };
}

export interface ClassPatch {
  readonly name: string;
  readonly description: string;
  readonly definitions: readonly {
    readonly selector: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly matchResources: {
        readonly controlPlane?: boolean;
        readonly infrastructureCluster?: boolean;
        readonly machineDeploymentClass?: { readonly names: readonly string[] };
      };
    };
    readonly jsonPatches: readonly {
      readonly op: "add" | "replace";
      readonly path: string;
      readonly valueFrom: { readonly variable: string };
    }[];
  }[];
}

export interface ClusterClassSpec {
  readonly infrastructure: { readonly templateRef: TemplateReference };
  readonly controlPlane: {
    readonly templateRef: TemplateReference;
    readonly machineInfrastructure: { readonly templateRef: TemplateReference };
    readonly healthCheck: HealthCheck;
  };
  readonly workers: { readonly machineDeployments: readonly MachineDeploymentClass[] };
  readonly variables?: readonly ClassVariable[];
  readonly patches?: readonly ClassPatch[];
}

export interface MachineDeploymentTopology {
  readonly class: string;
  readonly name: string;
  readonly replicas: number;
  readonly failureDomain: string;
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
}

export interface ClusterSpec {
  readonly clusterNetwork: {
    readonly apiServerPort: number;
    readonly pods: { readonly cidrBlocks: readonly string[] };
    readonly services: { readonly cidrBlocks: readonly string[] };
    readonly serviceDomain: string;
  };
  readonly topology: {
    readonly classRef: { readonly name: string };
    readonly version: string;
    readonly controlPlane: {
      readonly replicas: number;
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    };
    readonly workers: { readonly machineDeployments: readonly MachineDeploymentTopology[] };
    readonly variables?: readonly { readonly name: string; readonly value: unknown }[];
  };
}
