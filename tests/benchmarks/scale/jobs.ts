import { milliseconds, watts } from "@ertis/quantities";
import type {
  Account,
  FlexibilityTier,
  JobSpec,
  PriorityClass,
  SubmitItem,
} from "@ertis/scheduler-engine";
import { plainSpecWith } from "../../plain-spec.ts";
import { workloadClasses } from "./site-text.ts";

type Random = (below: number) => number;

const tenantCount = 8;
const projectsPerTenant = 4;
const usersPerProject = 6;
const hourMs = 3_600_000;

const projectCount = tenantCount * projectsPerTenant;

/** Whose jobs they are, and how they are alike: researchers submit many of a kind. */
export interface Recipe {
  readonly owner: string;
  readonly spec: Partial<JobSpec>;
}

/** Peak above idle, as in `site-text.ts`. */
const jobWattsPerNode = 10_200 - 2_500;

/**
 * Eight tenants of four projects. Half of the GPUs are guaranteed, evenly, with what their nodes draw above idle; a
 * tenant may borrow up to a quarter of the whole on top, of watts of the feed.
 */
export function accountsOf(nodeCount: number, feedWatts: number): readonly Account[] {
  const gpuCount = nodeCount * 8;
  const share = (whole: number, part: number): number => Math.floor(whole * part);
  const accounts: Account[] = [];
  for (let tenant = 0; tenant < tenantCount; tenant += 1) {
    accounts.push({
      id: `tenant-${tenant}`,
      weight: 1 + (tenant % 3),
      quota: {
        guaranteedGpuCount: share(gpuCount, 0.5 / tenantCount),
        guaranteed: watts(share(nodeCount * jobWattsPerNode, 0.5 / tenantCount)),
        borrowableGpuCount: share(gpuCount, 0.25),
        borrowable: watts(share(feedWatts, 0.25)),
      },
    });
    for (let project = 0; project < projectsPerTenant; project += 1) {
      const name = projectName(tenant * projectsPerTenant + project);
      accounts.push({ id: `tenant-${tenant}/${name}`, weight: 1 + (project % 2) });
    }
  }
  return accounts;
}

function projectName(at: number): string {
  return `project-${at}`;
}

/** Kinds of jobs to queue: gangs of 1 to 64 nodes, tiers 10/30/40/20 %, all classes and accounts. */
export function drawRecipes(count: number, random: Random): readonly Recipe[] {
  return Array.from({ length: count }, () => {
    const nodeCount = [1, 1, 1, 2, 3, 4, 8, 16, 32, 64][random(10)] ?? 1;
    const walltime = milliseconds(Math.round(600_000 * 1.19 ** random(31)));
    return drawRecipe(random, {
      nodeCount,
      nodeCountMin: random(10) === 0 ? Math.ceil(nodeCount / 2) : nodeCount,
      gpusPerNode: [1, 2, 4, 8][random(4)] ?? 8,
      walltime,
    });
  });
}

/** Kinds of jobs to fill the site with: three in ten are gangs of whole nodes, the others take part of one. */
export function drawFillers(count: number, random: Random): readonly Recipe[] {
  return Array.from({ length: count }, () => {
    const isGang = random(10) < 3;
    return drawRecipe(random, {
      nodeCount: isGang ? 2 ** random(5) : 1,
      gpusPerNode: isGang ? 8 : ([1, 2, 4, 8][random(4)] ?? 8),
      walltime: milliseconds((1 + random(72)) * hourMs),
    });
  });
}

function drawRecipe(random: Random, size: Partial<JobSpec>): Recipe {
  const project = random(projectCount);
  const owner = `user-${project}-${random(usersPerProject)}`;
  const isPreemptible = random(5) === 0;
  return {
    owner,
    spec: {
      ...size,
      project: projectName(project),
      flexibilityTier: drawTier(random(100)),
      workloadClass: workloadClasses[random(workloadClasses.length)] ?? "",
      priorityClass: drawPriority(random(100)),
      preemptible: isPreemptible,
      ...(isPreemptible
        ? { checkpoint: { save: milliseconds(60_000), restore: milliseconds(120_000) } }
        : {}),
    },
  };
}

function drawTier(percent: number): FlexibilityTier {
  return percent < 10 ? 0 : percent < 40 ? 10 : percent < 80 ? 25 : 50;
}

function drawPriority(percent: number): PriorityClass {
  return percent < 25 ? "low" : percent < 90 ? "normal" : "high";
}

/** Numbers its requests. */
export class ItemMaker {
  #count = 0;

  make(spec: Partial<JobSpec>): SubmitItem {
    this.#count += 1;
    const requestId = `00000000-0000-4000-8000-${this.#count.toString(16).padStart(12, "0")}`;
    return { requestId, bodyHash: 1, spec: plainSpecWith(spec) };
  }
}
