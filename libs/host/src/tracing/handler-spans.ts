import type { CallHandler, ExecutionContext, INestApplicationContext, NestInterceptor, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { currentTrace, inSpan } from '@seam/kernel';
import { SERVICE } from '@seam/process';
import { defer, lastValueFrom, type Observable } from 'rxjs';

/** Records a span, of its service, for each call of a controller's method that answers HTTP. */
export class HandlerSpans implements NestInterceptor {
  constructor(private readonly services: ReadonlyMap<Type, string>) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (currentTrace()?.span === undefined) return next.handle();
    const type = context.getClass();
    const name = `${type.name}.${context.getHandler().name}`;
    const service = this.services.get(type);
    const options = { attributes: { 'code.function.name': name }, ...(service === undefined ? {} : { service }) };
    return defer(() => inSpan(name, options, () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}

/** The service of each controller: of its module's {@link SERVICE}, or of what its module imports. */
export function servicesOfControllers(app: INestApplicationContext): ReadonlyMap<Type, string> {
  const services = new Map<Type, string>();
  for (const module of app.get(ModulesContainer).values()) {
    const of = [module, ...module.imports].find(({ providers }) => providers.has(SERVICE));
    if (of === undefined) continue;
    const service = of.getProviderByKey<string>(SERVICE).instance;
    for (const { metatype } of module.controllers.values()) services.set(metatype as Type, service);
  }
  return services;
}
