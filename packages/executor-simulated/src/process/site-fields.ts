import { checkCurve } from "@ertis/power-planning";
import { watts } from "@ertis/quantities";
import type { GpuCap } from "@ertis/site-model";
import type { ClusterSite, MeteredDomain } from "../cluster/cluster-site.ts";
import { list, Malformed, number, oneOf, text, toFields, whole } from "./fields.ts";

/** A site with no more of it than a simulated cluster looks at. */
export function lightenedSite({
  id,
  revision,
  nodeClasses,
  nodes,
  domains,
  curves,
}: ClusterSite): ClusterSite {
  return {
    id,
    revision,
    nodeClasses,
    nodes: nodes.map(({ id: node, classIndex, domainIndex }) => ({
      id: node,
      classIndex,
      ...(domainIndex === undefined ? {} : { domainIndex }),
    })),
    curves: curves.map(({ gpuModel, workloadClass, points }) => ({
      gpuModel,
      workloadClass,
      points,
    })),
    ...(domains === undefined
      ? {}
      : {
          domains: domains.map(({ kind, parentIndex, fixedWatts, loadFactor }) => ({
            kind,
            parentIndex,
            fixedWatts,
            loadFactor,
          })),
        }),
  };
}

export function toClusterSite(value: unknown): ClusterSite {
  const fields = toFields(value, "a site");
  const nodeClasses = list(fields, "nodeClasses").map(toNodeClass);
  const nodes = list(fields, "nodes").map((each) => {
    const node = toFields(each, "a node");
    return {
      id: text(node, "id"),
      classIndex: whole(node, "classIndex"),
      ...("domainIndex" in node ? { domainIndex: whole(node, "domainIndex") } : {}),
    };
  });
  const domains = "domains" in fields ? list(fields, "domains").map(toDomain) : undefined;
  if (domains?.some(({ parentIndex }, domain) => parentIndex >= domain) === true) {
    throw new Malformed("a domain comes before the one above it");
  }
  if (
    domains !== undefined &&
    nodes.some((each) => domains[each.domainIndex ?? -1] === undefined)
  ) {
    throw new Malformed("a node is in a domain that the site does not have");
  }
  if (nodes.some(({ classIndex }) => nodeClasses[classIndex] === undefined)) {
    throw new Malformed("a node is of a class that the site does not have");
  }
  if (new Set(nodes.map(({ id }) => id)).size !== nodes.length) {
    throw new Malformed("two nodes have the same id");
  }
  return {
    id: text(fields, "id"),
    revision: text(fields, "revision"),
    nodeClasses,
    nodes,
    curves: list(fields, "curves").map(toCurve),
    ...(domains === undefined ? {} : { domains }),
  };
}

function toNodeClass(value: unknown): ClusterSite["nodeClasses"][number] {
  const fields = toFields(value, "a node class");
  const gpuCap = fields["gpuCap"];
  return {
    name: text(fields, "name"),
    gpuModel: text(fields, "gpuModel"),
    gpuCount: whole(fields, "gpuCount"),
    idleWatts: watts(whole(fields, "idleWatts")),
    peakWatts: watts(whole(fields, "peakWatts")),
    partUse: oneOf(fields, "partUse", ["share", "peak"]),
    ...(gpuCap === undefined ? {} : { gpuCap: toGpuCap(gpuCap) }),
  };
}

function toGpuCap(value: unknown): GpuCap {
  const fields = toFields(value, "the caps of a node class");
  return {
    lowestWatts: watts(whole(fields, "lowestWatts")),
    highestWatts: watts(whole(fields, "highestWatts")),
  };
}

function toDomain(value: unknown): MeteredDomain {
  const fields = toFields(value, "a domain");
  const loadFactor = toFields(fields["loadFactor"], "a load factor");
  const parentIndex = fields["parentIndex"];
  return {
    kind: oneOf(fields, "kind", ["feed", "substation", "hall", "row", "rack"]),
    parentIndex: parentIndex === -1 ? -1 : whole(fields, "parentIndex"),
    fixedWatts: watts(whole(fields, "fixedWatts")),
    loadFactor: {
      numerator: whole(loadFactor, "numerator"),
      denominator: Math.max(1, whole(loadFactor, "denominator")),
    },
  };
}

function toCurve(value: unknown): ClusterSite["curves"][number] {
  const fields = toFields(value, "a curve");
  const checked = checkCurve(
    list(fields, "points").map((each) => {
      const point = toFields(each, "a point of a curve");
      return {
        capWatts: number(point, "capWatts"),
        speed: number(point, "speed"),
        drawWatts: number(point, "drawWatts"),
      };
    }),
  );
  if (checked.kind === "problem") {
    throw new Malformed(`a curve of the site is none: ${checked.message}`);
  }
  return {
    gpuModel: text(fields, "gpuModel"),
    workloadClass: text(fields, "workloadClass"),
    points: checked.curve.points,
  };
}
