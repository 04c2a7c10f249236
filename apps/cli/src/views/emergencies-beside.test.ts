import { ComplianceReport, Curtailment, CurtailmentMode } from "@ertis/api";
import { expect, test } from "vitest";
import { renderCompliance } from "./compliance.ts";
import { emergenciesBeside } from "./emergencies-beside.ts";

const nowMs = Date.UTC(2026, 10, 25, 12);
const style = { isColoured: false, isUnicode: true, width: 120 };

function curtailment(
  id: string,
  domainId: string,
  changes: Partial<Curtailment> = {},
): Curtailment {
  const mode = CurtailmentMode.EMERGENCY;
  return Curtailment.fromPartial({
    id,
    domainId,
    mode,
    startTimeMs: 100,
    endTimeMs: 200,
    ...changes,
  });
}

const own = curtailment("noon", "hub/hall-1", { mode: CurtailmentMode.PLANNED });

test("emergencies are named that were in force meanwhile over the domain, or below it", () => {
  const all = [
    own,
    curtailment("over", "hub"),
    curtailment("below", "hub/hall-1/row-1"),
    curtailment("elsewhere", "hub/hall-10"),
    curtailment("planned", "hub", { mode: CurtailmentMode.PLANNED }),
    curtailment("after", "hub", { startTimeMs: 200, endTimeMs: 300 }),
    curtailment("cancelled", "hub", { startTimeMs: 50, cancelledTimeMs: 100 }),
  ];
  expect(emergenciesBeside(own, all).map(({ id }) => id)).toEqual(["over", "below"]);
});

test("jobs that lost more than their tier allows are told with the emergencies that came meanwhile", () => {
  const broken = (emergencies: readonly Curtailment[]): string | undefined =>
    renderCompliance(ComplianceReport.fromPartial({ curtailment: own, tierBrokenCount: 2 }), {
      style,
      nowMs,
      hasHeaders: true,
      emergencies,
    }).find((line) => line.includes("lost more than"));
  expect(broken([])).toMatch(/2 jobs lost more than their tier allows$/);
  expect(broken([curtailment("over", "hub")])).toMatch(
    /their tier allows; emergency "over" came meanwhile, and what an emergency asks for goes first$/,
  );
});
