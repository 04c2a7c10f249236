import type { Manifest } from "../manifest.ts";
import type { MachineClass } from "./machine-class.ts";
import type { ClassPatch, ClassVariable, TemplateReference } from "../kinds/cluster-api.ts";

/** Real hosts, or Cluster API's in-memory machines, which run the same class without hardware. */
export type Infrastructure = "metal3" | "in-memory";

/** What a ClusterClass needs of its infrastructure. */
export interface InfrastructureParts {
  readonly clusterTemplate: Manifest;
  readonly machineTemplate: (machineClass: MachineClass) => Manifest;
  /** What the templates refer to. */
  readonly others: readonly Manifest[];
  readonly remediation: TemplateReference | undefined;
  readonly variables: readonly ClassVariable[];
  readonly patches: readonly ClassPatch[];
  /** Values of the variables, by name. */
  readonly values: Readonly<Record<string, unknown>>;
}
