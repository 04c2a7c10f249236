import type { SiteMode } from "./plan.ts";

/** The projects in the order in which they come up; down goes the other way round. */
export const projectNames = [
  "management",
  "inventory",
  "clusters",
  "platform",
  "queues",
  "scheduler",
] as const;

export type ProjectName = (typeof projectNames)[number];

export interface StackName {
  readonly project: ProjectName;
  readonly stack: string;
}

/** The stacks whose outputs a stack reads: it cannot come up before they are. */
export function stackNeeds({ project, stack }: StackName, mode: SiteMode): readonly StackName[] {
  const management: StackName = { project: "management", stack: "main" };
  switch (project) {
    case "management":
      return [];
    case "inventory":
    case "scheduler":
      return [management];
    case "clusters":
      return [mode === "registered" ? management : { project: "inventory", stack }];
    case "platform":
      return [{ project: "clusters", stack }];
    case "queues":
      // What stands already at a registered site is not ours to bring up.
      return mode === "registered"
        ? [{ project: "clusters", stack }]
        : [
            { project: "clusters", stack },
            { project: "platform", stack },
          ];
  }
}
