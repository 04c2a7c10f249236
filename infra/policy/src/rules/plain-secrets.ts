import { findTexts, listAt, textAt } from "../fields.ts";
import type { FoundText } from "../fields.ts";
import { findPod } from "../pods.ts";
import { describe, isKind, kubernetesProviderType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** What only a secret looks like, wherever it stands. */
const shapes = [
  { what: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { what: "a signed token", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/ },
  { what: "a token of a vault", pattern: /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/ },
  {
    what: "an access key",
    pattern: /\b(?:AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,}|glpat-[\w-]{20,})/,
  },
  { what: "a kubeconfig with its key", pattern: /\bclient-key-data["']?[ \t]*:[ \t]*["']?[^\s"']/ },
  {
    what: "a kubeconfig with its token or password",
    // In YAML or JSON, beneath `users`; a template or a reference is filled in later.
    pattern:
      /\busers["']?\s*:[\s\S]*\b(?:token|password|id-token|access-token|refresh-token|client-secret)["']?[ \t]*:[ \t]*(?!["']?(?:\{\{|\$[({]))["']?[^\s"']/,
  },
] as const;

/** Fields whose text is a secret by their name. */
const secretKey =
  /^(?:password|passwd|token|bearerToken|clientSecret|apiKey|privateKey|secretAccessKey|[a-z]+(?:Password|Passphrase))$/;
/** Variables whose value is a secret by their name; a file's name or a user's name is none. */
const secretVariable =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

/**
 * What stands in plain inputs stands in the state, in previews and in their logs. Values come from
 * OpenBao through an ExternalSecret, and the stack knows their names only. The message never repeats
 * the value.
 */
function check(resource: Resource): readonly string[] {
  const { secretPaths } = resource;
  // An exported state has no marks; judging it would call every secret plain.
  if (secretPaths === undefined) {
    return [];
  }
  const isPlain = ({ path }: { readonly path: string }): boolean => !isMarked(path, secretPaths);
  const texts = findTexts(resource.inputs, new Set()).filter(isPlain);
  const found: readonly (FoundText & { readonly what: string })[] = [
    ...texts.flatMap(recognise),
    ...(isKind(resource, "", "Secret")
      ? texts.filter(isSecretData).map(named("a secret's value"))
      : []),
    ...plainVariables(resource).filter(isPlain),
  ];
  const messages = new Map(found.map(({ path, what }) => [path, what]));
  return [...messages].map(
    ([path, what]) =>
      `${describe(resource)}, ${path}: ${what} in plain inputs, so it would stand readable in the state. Keep it in OpenBao and write an ExternalSecret${resource.type === kubernetesProviderType ? ", or wrap it in pulumi.secret()" : ""}.`,
  );
}

function isMarked(path: string, secretPaths: ReadonlySet<string>): boolean {
  const parts = path.split(".");
  return parts.some((_, index) => secretPaths.has(parts.slice(0, index + 1).join(".")));
}

function named(what: string): (found: FoundText) => FoundText & { readonly what: string } {
  return (found) => ({ ...found, what });
}

function recognise(found: FoundText): readonly (FoundText & { readonly what: string })[] {
  const shape = shapes.find(({ pattern }) => pattern.test(found.text));
  if (shape !== undefined) {
    return [{ ...found, what: shape.what }];
  }
  return secretKey.test(found.key) && isLiteral(found.text)
    ? [{ ...found, what: `the value of ${found.key}` }]
    : [];
}

/** Templates and references are filled in later: `{{ .password }}`, `$(PASSWORD)`. */
function isLiteral(text: string): boolean {
  return text !== "" && !/^(?:\{\{|\$[({])/.test(text);
}

function isSecretData({ path, text }: FoundText): boolean {
  return /^(?:data|stringData)\./.test(path) && text !== "";
}

function plainVariables(resource: Resource): readonly (FoundText & { readonly what: string })[] {
  const pod = findPod(resource);
  return (pod?.containers ?? []).flatMap(({ fields, name: container }) =>
    listAt(fields, "env").flatMap((variable) => {
      const name = textAt(variable, "name") ?? "";
      const value = textAt(variable, "value") ?? "";
      const path = `container ${container}, env ${name}`;
      return secretVariable.test(name) && isLiteral(value)
        ? [{ path, key: "value", text: value, what: `the value of ${name}` }]
        : [];
    }),
  );
}

export const plainSecrets: ResourceRule = {
  kind: "resource",
  name: "plain-secrets",
  description: "No secret stands in plain inputs.",
  check,
};
