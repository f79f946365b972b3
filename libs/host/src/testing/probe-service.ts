import { Body, Controller, Get, HttpCode, Module, Param, Post, Query, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CodedError, currentTrace } from '@seam/kernel';
import { Authenticated, Caller, type OptionalCaller, Public, Staff } from '@seam/security';
import type { Request } from 'express';
import { z } from 'zod';
import { Answers, Problems } from '../docs/answer.decorator.js';
import { NeverRefused } from '../http/never-refused.js';
import { PageQuery } from '../http/pagination.js';
import { RetryLaterError } from '../http/retry-later-error.js';
import type { ServiceDefinition } from '../service-definition.js';

const Thing = z
  .strictObject({ name: z.string().min(1), parts: z.array(z.strictObject({ size: z.int() })).optional() })
  .meta({ example: { name: 'a thing' } });

/** {@link ProbeController.hold} waits for this; a test resolves it. */
export const gate: { entered: () => void; open: Promise<void> } = { entered: () => undefined, open: Promise.resolve() };

@ApiTags('probe')
@Controller('probe')
class ProbeController {
  @Post('things')
  @Public()
  @Answers(201, Thing, { example: { name: 'a thing' } })
  @Problems(409)
  create(@Body({ schema: Thing }) thing: z.infer<typeof Thing>): object {
    return { ...thing, trace: currentTrace()?.traceId, polluted: ({} as { polluted?: unknown }).polluted };
  }

  @Get('list')
  @Public()
  list(@Query({ schema: PageQuery }) query: z.infer<typeof PageQuery>): object {
    return query;
  }

  @Get('sku/:sku')
  @Public()
  sku(@Param('sku', { schema: z.string().regex(/^[A-Z]+$/) }) sku: string, @Caller() caller: OptionalCaller): object {
    return { sku, role: caller?.role ?? null };
  }

  @Get('mine')
  @Authenticated()
  mine(@Caller() caller: Caller): Caller {
    return caller;
  }

  @Get('staff')
  @Staff()
  staff(): object {
    return {};
  }

  @Post('staff')
  @Staff()
  byStaff(): object {
    return {};
  }

  @Post('always')
  @Public()
  @NeverRefused()
  always(): object {
    return {};
  }

  @Post('raw')
  @Public()
  @HttpCode(200)
  raw(@Req() request: RawBodyRequest<Request>): object {
    return { bytes: request.rawBody?.toString('utf8') };
  }

  @Get('conflict')
  @Public()
  conflict(): void {
    throw new CodedError('conflict', 'PROBE.CONFLICT', 'It is taken');
  }

  @Get('later')
  @Public()
  later(): void {
    throw new RetryLaterError('PROBE.LATER', 'Not now', 30);
  }

  @Get('bug')
  @Public()
  bug(): void {
    throw new Error('select secret from table');
  }

  @Get('hold')
  @Public()
  async hold(): Promise<object> {
    gate.entered();
    await gate.open;
    return { held: true };
  }
}

@Module({ controllers: [ProbeController] })
class ProbeModule {}

export const probeService: ServiceDefinition = { name: 'probe', module: ProbeModule, needs: [] };

@Controller('bare')
class BareController {
  @Get()
  withoutPolicy(): void {
    return undefined;
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

/** Has a route without a policy. */
export const bareService: ServiceDefinition = { name: 'bare', module: BareModule, needs: [] };
