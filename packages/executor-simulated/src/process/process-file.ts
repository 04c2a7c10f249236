import type { ClusterSite } from "../cluster/cluster-site.ts";
import type { Physics } from "../cluster/physics.ts";

/** What a cluster process is started with. */
export interface ClusterProcessFile {
  readonly socketPath: string;
  readonly site: ClusterSite;
  readonly seed: number;
  readonly physics: Partial<Physics>;
}

/** The one line a cluster process says to whoever started it. */
export type ReadyLine =
  | { readonly kind: "ready"; readonly pid: number; readonly incarnation: string }
  | { readonly kind: "failed"; readonly message: string };
