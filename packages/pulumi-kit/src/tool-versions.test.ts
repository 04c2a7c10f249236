import { expect, test } from "vitest";
import { requiredVersions, versionProblems } from "./tool-versions.ts";
import type { FoundVersions } from "./tool-versions.ts";

const good: FoundVersions = {
  node: "24.12.0",
  pulumiSdk: requiredVersions.pulumiSdk,
  kubernetesSdk: requiredVersions.kubernetesSdk,
  engineRefusal: undefined,
};

test("the versions we test with are accepted", () => {
  expect(versionProblems(good)).toEqual([]);
  expect(versionProblems({ ...good, node: "26.0.1" })).toEqual([]);
});

test.each([
  [{ node: "24.11.9" }, /Node 24\.11\.9 runs this program; 24\.12 or later.*npm ci/],
  [
    { engineRefusal: 'Pulumi CLI version 3.260.1 does not satisfy the version range ">=3.259.0"' },
    /The Pulumi CLI is 3\.260\.1; 3\.259\.x is needed.*npm run toolchain/,
  ],
  [{ engineRefusal: "please upgrade" }, /not accepted \(please upgrade\)/],
  [{ kubernetesSdk: "4.33.0" }, /@pulumi\/kubernetes is 4\.33\.0; 4\.32\.0 is needed/],
  [{ pulumiSdk: "3.270.0" }, /@pulumi\/pulumi is 3\.270\.0; 3\.259\.0 is needed/],
])("%o is refused with what to do", (found, message) => {
  const problems = versionProblems({ ...good, ...found });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(message);
});
