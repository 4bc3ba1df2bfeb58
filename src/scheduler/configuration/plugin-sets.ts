/**
 * Which plugins run at which point: the file's sets on top of the defaults. Pure.
 *
 * As upstream: first the file's `multiPoint` is merged with the defaults, then each point takes what
 * `multiPoint` enables and the point does not disable, with what the point itself enables. A plugin that
 * `multiPoint` and the point both enable runs first, by the point's weight; then those of `multiPoint`; then
 * those of the point alone.
 */

import {
  EXTENSION_POINTS,
  type EnabledPlugin,
  type ExtensionPoint,
  type Plugins,
  type PluginSet,
} from './document.ts';
import { POINTS_OF } from './plugin-points.ts';

export type EnabledPlugins = { readonly [P in ExtensionPoint]: readonly EnabledPlugin[] };

export function enabledPlugins(plugins: Plugins, defaults: readonly EnabledPlugin[]): EnabledPlugins {
  const multiPoint = merged(defaults, plugins.multiPoint ?? {});
  const at = (point: ExtensionPoint): readonly EnabledPlugin[] =>
    expanded(point, multiPoint, plugins[point] ?? {});
  return Object.fromEntries(EXTENSION_POINTS.map((point) => [point, at(point)])) as unknown as EnabledPlugins;
}

/** A default that the file enables again keeps its place, with the file's weight. */
function merged(
  defaults: readonly EnabledPlugin[],
  { enabled = [], disabled = [] }: PluginSet,
): readonly EnabledPlugin[] {
  const off = new Set(disabled.map(({ name }) => name));
  const own = new Map(enabled.map((plugin) => [plugin.name, plugin]));
  const kept = off.has('*') ? [] : defaults.filter(({ name }) => !off.has(name));
  const keptNames = new Set(kept.map(({ name }) => name));
  return [
    ...kept.map((plugin) => own.get(plugin.name) ?? plugin),
    ...enabled.filter(({ name }) => !keptNames.has(name)),
  ];
}

function expanded(
  point: ExtensionPoint,
  multiPoint: readonly EnabledPlugin[],
  { enabled = [], disabled = [] }: PluginSet,
): readonly EnabledPlugin[] {
  const off = new Set(disabled.map(({ name }) => name));
  const own = new Set(enabled.map(({ name }) => name));
  const shared = new Set<string>();
  const general: EnabledPlugin[] = [];
  for (const plugin of off.has('*') ? [] : multiPoint) {
    if (POINTS_OF.get(plugin.name)?.includes(point) !== true) continue;
    if (own.has(plugin.name)) shared.add(plugin.name);
    else if (!off.has(plugin.name)) general.push(plugin);
  }
  return [
    ...enabled.filter(({ name }) => shared.has(name)),
    ...general,
    ...enabled.filter(({ name }) => !shared.has(name)),
  ];
}
