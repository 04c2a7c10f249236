import { expect, test } from "vitest";
import { stringify } from "yaml";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import { kubernetesProviderType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import { kubernetesObject, resourceOf } from "../test-resources.ts";
import type { ResourceOptions } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { plainSecrets } from "./plain-secrets.ts";

const value = "correct-horse-battery";
// Made of parts, so that scanners of this repository find no key in it.
const privateKey = ["-----BEGIN RSA PRIVATE", "KEY-----\nMIIE"].join(" ");
const signedToken = ["eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJlcnRpcyJ9", "c2lnbmF0dXJlLW9mLWl0"].join(
  ".",
);

function secret(fields: Fields, options: ResourceOptions = {}) {
  const metadata = { name: "bmc", namespace: "small-s1-h1" };
  return kubernetesObject({ apiVersion: "v1", kind: "Secret", metadata, ...fields }, options);
}

function configMap(data: Fields) {
  return kubernetesObject({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data });
}

function deployment(env: readonly Fields[], options: ResourceOptions = {}) {
  const spec = { template: { spec: { containers: [{ name: "server", env }] } } };
  const metadata = { name: "ertis" };
  return kubernetesObject({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec }, options);
}

function provider(kubeconfig: unknown, options: ResourceOptions = {}) {
  return resourceOf(kubernetesProviderType, "hall", { inputs: { kubeconfig }, ...options });
}

const kubeconfig = "users:\n- user:\n    client-key-data: TUlJRQ==\n";

/** A kubeconfig whose user has this, in JSON or YAML. */
function kubeconfigOf(user: Fields, write: (config: Fields) => string): string {
  return write({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:6443" } }],
    users: [{ name: "u", user }],
  });
}
const json = (config: Fields): string => JSON.stringify(config);
const pretty = (config: Fields): string => JSON.stringify(config, null, 2);

test.each([
  [
    "a marked value",
    secret({ stringData: { password: value } }, { secretPaths: ["stringData.password"] }),
  ],
  ["marked as a whole", secret({ data: { a: value, b: value } }, { secretPaths: ["data"] })],
  ["a value not known yet", secret({ data: { a: unknownValue } })],
  ["a Secret that somebody else fills", secret({ type: "Opaque" })],
  [
    "a reference",
    deployment([{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "x", key: "y" } } }]),
  ],
  ["the name of a file", deployment([{ name: "TOKEN_FILE", value: "/var/run/token" }])],
  ["a template", configMap({ password: "{{ .password }}" })],
  ["a marked kubeconfig", provider(kubeconfig, { secretPaths: ["kubeconfig"] })],
  ["the path of a kubeconfig", provider("/home/a/.kube/config")],
  [
    "a kubeconfig that names a file",
    provider(kubeconfigOf({ tokenFile: "/run/token" }, stringify)),
  ],
  [
    "a kubeconfig whose token is filled in later",
    configMap({ config: kubeconfigOf({ token: "{{ .token }}" }, stringify) }),
  ],
])("good: %s", (_, resource) => {
  expect(plainSecrets.check(resource, smallFacts())).toEqual([]);
});

test("good: an exported state, which has no marks to judge by", () => {
  const resource = { ...secret({ data: { a: value } }), secretPaths: undefined };
  expect(plainSecrets.check(resource, smallFacts())).toEqual([]);
});

test.each<[string, Resource, string]>([
  ["a Secret's data", secret({ data: { user: value } }), "data.user: a secret's value"],
  ["a Secret's text", secret({ stringData: { user: value } }), "stringData.user: a secret's value"],
  [
    "a value beside a marked one",
    secret({ data: { a: value, ab: value } }, { secretPaths: ["data.a"] }),
    "data.ab: a secret's value",
  ],
  ["a private key", configMap({ "tls.key": privateKey }), "data.tls.key: a private key"],
  ["a signed token", configMap({ x: `bearer ${signedToken}` }), "data.x: a signed token"],
  [
    "a password by its key",
    configMap({ adminPassword: value }),
    "data.adminPassword: the value of adminPassword",
  ],
  [
    "a variable",
    deployment([{ name: "DB_PASSWORD", value }]),
    "container server, env DB_PASSWORD: the value of DB_PASSWORD",
  ],
  ["a kubeconfig", provider(kubeconfig), "kubeconfig: a kubeconfig with its key"],
  [
    "a kubeconfig in JSON",
    provider(kubeconfigOf({ "client-key-data": "TUlJRQ==" }, json)),
    "kubeconfig: a kubeconfig with its key",
  ],
  ...[stringify, json, pretty].flatMap((write) =>
    ["token", "password"].map((key): [string, Resource, string] => [
      `a kubeconfig with a ${key}`,
      provider(kubeconfigOf({ username: "u", [key]: value }, write)),
      "kubeconfig: a kubeconfig with its token or password",
    ]),
  ),
])("bad: %s", (_, resource, says) => {
  const [message, ...others] = plainSecrets.check(resource, smallFacts());
  expect(message).toContain(`${says} in plain inputs`);
  expect(message).not.toContain(value);
  expect(message).not.toContain("MIIE");
  expect(others).toEqual([]);
});
