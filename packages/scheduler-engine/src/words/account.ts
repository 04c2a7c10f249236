import type { Watts } from "@ertis/quantities";

/** What an account may use. */
export interface Quota {
  /** Its own at any time: others who borrowed it give it back. */
  readonly guaranteedGpuCount: number;
  readonly guaranteed: Watts;
  /** On top, while nobody else needs it; absent: no bound. */
  readonly borrowableGpuCount?: number;
  readonly borrowable?: Watts;
}

/** A tenant, a project of a tenant or a user of a project, by depth; shares are taken level by level. */
export interface Account {
  /** `tenant`, `tenant/project` or `tenant/project/user`. */
  readonly id: string;
  /** Share among the accounts under the same parent, a whole number from 1. */
  readonly weight: number;
  /** Absent: no guarantee and no bound of its own. */
  readonly quota?: Quota;
}
