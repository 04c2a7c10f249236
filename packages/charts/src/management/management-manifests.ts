import type { SitePlan } from "@ertis/provisioning-model";
import type { Manifest } from "../manifest.ts";
import { renderStack } from "../render-stack.ts";
import { addonSecretManifests } from "./addon-secrets.ts";
import { issuerManifests } from "./certificates.ts";
import { ironicManifests } from "./ironic.ts";
import { namespaceManifests } from "./namespaces.ts";
import { providerManifests } from "./providers.ts";
import { secretStoreManifest } from "./secret-store.ts";
import { sharedSite } from "./shared-site.ts";
import { stateDatabaseManifests } from "./state-database.ts";

/**
 * What the management cluster holds besides its add-ons: namespaces, certificates, the way to secrets,
 * the providers of Cluster API, Ironic, and the database for the state of the other stacks. One cluster
 * serves all sites.
 */
export function managementManifests(plans: readonly SitePlan[]): readonly Manifest[] {
  const plan = sharedSite(plans);
  return renderStack({ project: "management", stack: "main" }, [
    ...namespaceManifests(),
    ...issuerManifests(),
    ...addonSecretManifests(plan.registry),
    secretStoreManifest(),
    ...providerManifests(plan.registry),
    ...ironicManifests(plan),
    ...stateDatabaseManifests(plan),
  ]);
}
