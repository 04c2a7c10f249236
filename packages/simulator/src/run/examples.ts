import { fileURLToPath } from "node:url";

/** Files of the built-in example: a small hall, a day and a half of jobs, and what goes wrong. */
export const exampleFiles: {
  readonly site: string;
  readonly trace: string;
  readonly events: string;
} = {
  site: fileURLToPath(new URL("../../examples/hall.yaml", import.meta.url)),
  trace: fileURLToPath(new URL("../../examples/day.csv", import.meta.url)),
  events: fileURLToPath(new URL("../../examples/events.yaml", import.meta.url)),
};
