import { expect, test } from "vitest";
import { narrowProblem } from "./narrow-problem.ts";
import { shedJob, shedProblem } from "./test-shed.ts";

const domains = Int32Array.of(0, 1, 2);
const scaledPerGpuWatt = Float64Array.of(8, 16, 24);

test("of jobs and idle nodes what counts in tight domains is left, in their order", () => {
  const node = (id: number, ...at: number[]) => ({
    id,
    domains: Int32Array.from(at),
    wattsScaled: Float64Array.from(at, (domain) => 100 * (domain + 1)),
  });
  const problem = {
    ...shedProblem([shedJob(1, { domains, scaledPerGpuWatt }), shedJob(2), shedJob(3)], 0),
    idleNodes: [node(1, 1), node(2, 0, 1), node(3, 0, 2), node(4, 0, 2)],
    roomScaled: Float64Array.of(0, Infinity, 0),
  };
  const { jobs, idleNodes } = narrowProblem(problem);
  expect(jobs.map((job) => [...job.domains])).toEqual([[0, 2], [0], [0]]);
  expect([...(jobs[0]?.scaledPerGpuWatt ?? [])]).toEqual([8, 24]);
  // The first is below none of them: it is in nobody's way.
  expect(
    idleNodes.map(({ id, domains: kept, wattsScaled }) => [id, [...kept], [...wattsScaled]]),
  ).toEqual([
    [2, [0], [100]],
    [3, [0, 2], [100, 300]],
    [4, [0, 2], [100, 300]],
  ]);
});
