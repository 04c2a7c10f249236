import { describe, expect, it } from "vitest";
import { isAccepted, parseVersion, type Version } from "./version.ts";

function version(text: string): Version {
  const found = parseVersion(text);
  if (found === undefined) {
    throw new Error(`${text} holds no version`);
  }
  return found;
}

describe("what programs say of themselves", () => {
  it.each([
    ["v3.259.0\n", "3.259.0"],
    ["Kubernetes v1.36.3", "1.36.3"],
    ["etcd Version: 3.6.8\nGit SHA: Not provided\nGo Version: go1.26.8", "3.6.8"],
    ["kwok version v0.8.0 go1.26.8 (linux/amd64)", "0.8.0"],
    ["Client Version: v1.32.4-dispatcher\nKustomize Version: v5.0.4", "1.32.4-dispatcher"],
    ["go1.26.8", "1.26.8"],
    ["go1.26", "1.26"],
    ["v3.260.0-alpha.1+dirty", "3.260.0-alpha.1+dirty"],
  ])("%j is %s", (said, text) => {
    expect(version(said).text).toBe(text);
  });

  it("finds none where there is none", () => {
    expect(parseVersion("unknown flag: --version")).toBeUndefined();
    expect(parseVersion("")).toBeUndefined();
  });
});

describe("accepted versions", () => {
  it.each([
    ["1.36.0", true],
    ["1.36.9", true],
    ["1.32.4-dispatcher", false],
    ["1.37.0", false],
    ["2.36.3", false],
    ["1.36.0-rc.1", false],
  ])("%s in place of 1.36.3: %s", (found, isTaken) => {
    expect(isAccepted(version(found), version("1.36.3"))).toBe(isTaken);
  });
});
