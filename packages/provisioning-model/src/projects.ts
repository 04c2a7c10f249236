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
