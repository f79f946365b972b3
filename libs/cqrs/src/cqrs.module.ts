import { Logger, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CqrsModule as NestCqrsModule, UnhandledExceptionBus } from '@nestjs/cqrs';
import type { Subscription } from 'rxjs';

/**
 * The command and query buses of a process: a service imports this module and registers its handlers as providers.
 * An error of a handler reaches the caller of `execute` unchanged. The event bus of @nestjs/cqrs works in memory and is
 * not used: events are stored and sent by commits.
 */
@Module({ imports: [NestCqrsModule], exports: [NestCqrsModule] })
export class CqrsModule implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('cqrs');
  private subscription: Subscription | undefined;

  constructor(private readonly unhandled: UnhandledExceptionBus) {}

  onModuleInit(): void {
    this.subscription = this.unhandled.subscribe(({ cause, exception }) => {
      const name = cause.constructor.name;
      this.logger.error(`${name} was not handled`, exception instanceof Error ? exception.stack : String(exception));
    });
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }
}
