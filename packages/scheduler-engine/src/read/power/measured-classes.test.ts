import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { measuredClasses } from "./measured-classes.ts";
import { cappedHub, Hub, smallHub } from "../../testing/test-hub.ts";

function classesOf(text: string) {
  return measuredClasses(known(new Hub(text).state.sites.get("hub"), "hub"));
}

test("classes are those of the site file and those measured elsewhere on the same model", () => {
  expect(classesOf(cappedHub())).toEqual([{ gpuModel: "H100", workloadClasses: ["straight"] }]);
  const [own] = classesOf(cappedHub().replaceAll("H100", "A100-SXM-80GB"));
  // Curves of a model of the site file stand in for those measured elsewhere.
  expect(own?.workloadClasses).toEqual(["straight"]);
  const elsewhere = smallHub()
    .replace("gpuModel: H100", "gpuModel: A100-SXM-80GB")
    .replace("partUse: share", "partUse: share\n    gpuCap: 200 W..400 W");
  const [measured] = classesOf(elsewhere);
  expect(measured?.workloadClasses).toEqual(measured?.workloadClasses.toSorted());
  expect(measured?.workloadClasses).toContain("pre-train");
  expect(measured?.workloadClasses).toContain("pt_mpt_13b_lg");
});

test("GPUs that take no caps have none", () => {
  expect(classesOf(smallHub())).toEqual([]);
});
