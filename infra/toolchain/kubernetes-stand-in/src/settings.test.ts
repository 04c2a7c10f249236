import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diffConfig } from "./diff-config.ts";
import { loadClusterAccess } from "./kubeconfig.ts";
import { findSettingProblems, parseProviderSettings } from "./provider-settings.ts";
import { toSecret, unknownValue } from "./wire-values.ts";

const kubeconfig = (server: string, user: string = "{token: t}"): string => `
current-context: main
contexts: [{name: main, context: {cluster: c, user: u, namespace: mine}}]
clusters: [{name: c, cluster: {server: "${server}", certificate-authority: ca.pem}}]
users: [{name: u, user: ${user}}]
`;

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-kubeconfig-"));
  writeFileSync(join(directory, "config"), kubeconfig("https://a:6443"));
  writeFileSync(join(directory, "ca.pem"), "certificate");
});

afterAll(() => rmSync(directory, { recursive: true }));

test("reads a kubeconfig by path, with the files beside it", async () => {
  const access = await loadClusterAccess(join(directory, "config"), undefined);
  expect(access).toMatchObject({ server: "https://a:6443", namespace: "mine", token: "t" });
  expect(access.certificateAuthority?.toString()).toBe("certificate");
});

test.each([
  ["/nowhere/at/all", /neither a kubeconfig nor a file/],
  ["a: [\n", /is no YAML/],
  ["current-context: x\ncontexts: []\n", /has no context "x"; it has: none/],
  [kubeconfig("https://a", "{exec: {command: aws}}"), /logs in by "exec"/],
  [kubeconfig("no url"), /has no server URL/],
])("%j is refused", async (text, message) => {
  await expect(loadClusterAccess(text, undefined)).rejects.toThrow(message);
});

test("booleans come as text, kubeconfigs as secrets", () => {
  const settings = parseProviderSettings({
    kubeconfig: toSecret("text"),
    enableConfigMapMutable: "true",
    enableSecretMutable: false,
    namespace: unknownValue,
  });
  expect(settings).toMatchObject({
    kubeconfig: "text",
    isConfigMapMutable: true,
    isSecretMutable: false,
    namespace: undefined,
  });
});

test("unknown options, and those that only the real plugin has, are named", () => {
  const problems = findSettingProblems({
    kubeconfg: "x",
    renderYamlToDirectory: "y",
    enableServerSideApply: "false",
  });
  expect(problems.map((problem) => problem.property).toSorted()).toEqual([
    "enableServerSideApply",
    "kubeconfg",
    "renderYamlToDirectory",
  ]);
  expect(
    findSettingProblems({ kubeconfig: "x", clusterIdentifier: "y", version: "4.32.0" }),
  ).toEqual([]);
});

test("a cluster is another one by its identifier, else by its address", async () => {
  const at = (server: string, more = {}) => ({ kubeconfig: kubeconfig(server), ...more });
  const replaces = async (olds: object, news: object) =>
    (await diffConfig({ ...olds }, { ...news })).replaces;
  const named = { clusterIdentifier: "hall-1" };
  expect(await replaces(at("https://a", named), at("https://b", named))).toEqual([]);
  expect(await replaces(at("https://a", named), { ...named, kubeconfig: unknownValue })).toEqual(
    [],
  );
  expect(
    await replaces(at("https://a", named), at("https://a", { clusterIdentifier: "hall-2" })),
  ).toEqual(["clusterIdentifier"]);
  expect(await replaces(at("https://a"), at("https://a", named))).toEqual([]);
  expect(
    await replaces({ kubeconfig: `${kubeconfig("https://a")}# renewed\n` }, at("https://a")),
  ).toEqual([]);
  expect(await replaces(at("https://a"), { kubeconfig: unknownValue })).toEqual(["kubeconfig"]);
});
