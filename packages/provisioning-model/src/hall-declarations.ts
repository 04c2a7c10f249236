import type { HallDeclaration } from "./declaration.ts";
import type { HallLayout } from "./hall-layout.ts";
import { checkNodeClass } from "./oversubscription.ts";
import type { SiteDraft } from "./site-draft.ts";

/** Checks that no two entries of `halls` speak of the same halls. */
export function checkHallDeclarations({ declaration, problems, site }: SiteDraft): void {
  const lines = new Map<string, number>();
  for (const { nodeClass, at } of declaration.halls) {
    if (nodeClass !== undefined) {
      checkNodeClass(problems, site, nodeClass);
    }
    const key = nodeClass?.value ?? "all others";
    const first = lines.get(key);
    if (first === undefined) {
      lines.set(key, at.line);
    } else {
      problems.add(at, `a second entry for halls of ${key}, first on line ${first}: remove one`);
    }
  }
}

/** The entry for halls that hold mostly this class, else the one for all others. */
export function declarationOf(draft: SiteDraft, layout: HallLayout): HallDeclaration | undefined {
  const { halls, at } = draft.declaration;
  const className = layout.nodeClasses[0]?.name;
  const found =
    halls.find(({ nodeClass }) => nodeClass?.value === className) ??
    halls.find(({ nodeClass }) => nodeClass === undefined);
  if (found === undefined && halls.length > 0) {
    draft.problems.add(
      halls[0]?.at ?? at,
      `no entry of halls is for ${layout.hall.id}, which holds ${className ?? "no nodes"}: add one with nodeClass: ${className ?? "h100-8"} or one without nodeClass`,
    );
  }
  return found;
}
