import { at, fieldsAt, listAt, textAt } from "../fields.ts";
import { describe, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { StackRule } from "../rule.ts";

const core = "cluster.x-k8s.io";

/**
 * A reference to nothing is accepted by the API server and shows as a cluster that never becomes ready,
 * an hour later. Templates are named by their content, so a reference left behind is easy to make.
 */
function check(resources: readonly Resource[]): readonly string[] {
  const known = new Set(resources.map(keyOf));
  const classes = resources.filter((one) => isKind(one, core, "ClusterClass"));
  const clusters = resources.filter((one) => isKind(one, core, "Cluster"));
  return [
    ...classes.flatMap((one) => checkTemplates(one, known)),
    ...clusters.flatMap((one) => checkCluster(one, classes)),
    ...resources.flatMap((one) => checkDataTemplate(one, known)),
  ];
}

function keyOf({ inputs }: Resource): string {
  const kind = textAt(inputs, "kind") ?? "";
  return `${kind} ${textAt(inputs, "metadata", "name") ?? ""}`;
}

/** Every `templateRef` of a class, wherever in it. */
function findReferences(
  value: unknown,
): readonly { readonly kind: string; readonly name: string }[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const kind = textAt(value, "templateRef", "kind");
  const name = textAt(value, "templateRef", "name");
  const own = kind === undefined || name === undefined ? [] : [{ kind, name }];
  return [...own, ...Object.values(value).flatMap(findReferences)];
}

function checkTemplates(clusterClass: Resource, known: ReadonlySet<string>): readonly string[] {
  return findReferences(at(clusterClass.inputs, "spec"))
    .filter(({ kind, name }) => !known.has(`${kind} ${name}`))
    .map(
      ({ kind, name }) =>
        `${describe(clusterClass)} refers to ${kind} ${name}, which is not in the stack. ${suggest(kind, known)}`,
    );
}

function suggest(kind: string, known: ReadonlySet<string>): string {
  const others = [...known].filter((key) => key.startsWith(`${kind} `));
  const names = others.map((key) => key.slice(kind.length + 1)).join(", ");
  return others.length === 0
    ? `The stack has no ${kind}; add it.`
    : `The stack has ${names}; refer to one of them.`;
}

function checkCluster(cluster: Resource, classes: readonly Resource[]): readonly string[] {
  const className = textAt(cluster.inputs, "spec", "topology", "classRef", "name");
  if (className === undefined) {
    return [];
  }
  const found = classes.find(({ inputs }) => textAt(inputs, "metadata", "name") === className);
  if (found === undefined) {
    const names = classes.map(({ inputs }) => textAt(inputs, "metadata", "name") ?? "?");
    return [
      `${describe(cluster)} is of the class ${className}, which is not in the stack (classes: ${names.join(", ") || "none"}).`,
    ];
  }
  const pools = listAt(found.inputs, "spec", "workers", "machineDeployments").map((one) =>
    textAt(one, "class"),
  );
  return listAt(cluster.inputs, "spec", "topology", "workers", "machineDeployments")
    .map((one) => textAt(one, "class"))
    .filter((pool) => pool !== undefined && !pools.includes(pool))
    .map(
      (pool) =>
        `${describe(cluster)} has a node pool of the class ${pool ?? ""}, which ClusterClass ${className} lacks (it has ${pools.join(", ")}).`,
    );
}

function checkDataTemplate(resource: Resource, known: ReadonlySet<string>): readonly string[] {
  const { dataTemplate } = fieldsAt(resource.inputs, "spec", "template", "spec");
  const name = textAt(dataTemplate, "name");
  return name === undefined || known.has(`Metal3DataTemplate ${name}`)
    ? []
    : [
        `${describe(resource)} takes its network data from Metal3DataTemplate ${name}, which is not in the stack. ${suggest("Metal3DataTemplate", known)}`,
      ];
}

export const references: StackRule = {
  kind: "stack",
  name: "references",
  description: "Clusters, classes and templates refer to objects of their own stack.",
  check,
};
