import { StartError } from '@seam/process';

/** A route as Express stores it; Express has no type for it. */
interface Layer {
  match(path: string): boolean;
  readonly route?: {
    readonly path: string;
    readonly methods: Readonly<Record<string, boolean>>;
    readonly stack: readonly { readonly handle: { readonly name: string } }[];
  };
}

/** What has routes: an Express application. */
export interface Routed {
  readonly router: { readonly stack: readonly Layer[] };
}

interface Route {
  readonly path: string;
  /** Upper case; `ALL` for any. */
  readonly methods: readonly string[];
  /** For a controller's route, such as `OrdersController.place`. */
  readonly handler: string;
  readonly matches: (path: string) => boolean;
}

const routesOf = ({ router }: Routed): Route[] =>
  router.stack.flatMap((layer) => {
    if (layer.route === undefined) return [];
    const { path, methods, stack } = layer.route;
    return {
      path,
      methods: Object.keys(methods).map((method) => (method === '_all' ? 'ALL' : method.toUpperCase())),
      handler: stack.at(-1)?.handle.name ?? '',
      matches: (asked: string) => layer.match(asked),
    };
  });

/** The methods of the routes of a path; none if there is no such path. */
export function methodsAt(app: Routed, path: string): string[] {
  const methods = new Set(routesOf(app).flatMap((route) => (route.matches(path) ? route.methods : [])));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

/** Returns a function that says whether the route of a method and path is one whose handler is selected. */
export function routeFinder(
  app: Routed,
  isChosen: (handler: string) => boolean,
): (method: string, path: string) => boolean {
  const routes = routesOf(app).filter(({ handler }) => isChosen(handler));
  return (method, path) => routes.some(({ methods, matches }) => methods.includes(method) && matches(path));
}

/**
 * Throws a {@link StartError} for each controller's route that no request can reach, because an earlier route matches
 * them all: the same path with any names of parameters, or a parameter where the later one has a fixed text.
 */
export function checkRoutes(app: Routed): void {
  const routes = routesOf(app).filter(({ handler }) => handler.includes('.'));
  const shadowed = routes.flatMap((route, index) => {
    const example = exampleOf(route.path);
    return route.methods.flatMap((method) => {
      const first = routes
        .slice(0, index)
        .find(({ methods, matches }) => (methods.includes(method) || methods.includes('ALL')) && matches(example));
      if (first === undefined) return [];
      return `${method} ${route.path}: ${first.handler} (${first.path}) matches before ${route.handler}`;
    });
  });
  if (shadowed.length === 0) return;
  throw new StartError(
    `Two handlers for one route:\n  ${shadowed.join('\n  ')}\nChange one of the paths, or declare the more specific one first.`,
  );
}

/** A path of this template whose parameters are not a fixed text of another template. */
const exampleOf = (template: string): string => template.replaceAll(/[:*]\w+/g, '~');
