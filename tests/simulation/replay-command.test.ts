import { expect, test } from "vitest";
import { replayCommand } from "./random-run.ts";

test("the command that plays a seed again runs with the Node of the project, whichever is installed", () => {
  expect(replayCommand(7, 150, "25 kW/min over 60 s")).toBe(
    'npx node tests/simulation/play.ts 7 150 "25 kW/min over 60 s"',
  );
});
