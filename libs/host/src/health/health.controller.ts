import { Controller, Get, Query, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { type DependencyStatus, ProcessContext, Readiness, type ReadinessCheck } from '@seam/process';
import { Public } from '@seam/security';
import type { Response } from 'express';

/** Longer than a store needs to detect that its engine does not answer, and shorter than a registry's timeout. */
const ANSWER_WITHIN_MS = 2_000;
/** The databases are checked at most once in this time, however many probes arrive. */
const CACHE_MS = 500;

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    private readonly context: ProcessContext,
  ) {}

  @Get('live')
  @Public({ token: 'ignored' })
  @ApiOperation({ summary: 'Whether the process runs' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Public({ token: 'ignored' })
  @ApiOperation({ summary: 'Whether the process should get requests' })
  @ApiResponse({ status: 200, description: 'It should; `degraded` if something it uses is not available' })
  @ApiResponse({
    status: 503,
    description: 'It should not: it is starting or draining, or a database does not answer; `details` says which',
  })
  @ApiQuery({ name: 'service', required: false, description: 'Only for this service' })
  @ApiResponse({ status: 404, description: 'The process does not host that service' })
  async ready(@Res({ passthrough: true }) response: Response, @Query('service') service: unknown): Promise<unknown> {
    // A registry may still check an address that now belongs to another process.
    if (typeof service === 'string' && !this.context.services.includes(service)) {
      response.status(404);
      return { status: 'not hosted here' };
    }
    const { phase } = this.readiness;
    if (phase !== 'ready') {
      response.status(503);
      return { status: phase };
    }
    try {
      return await this.health.check([
        ...[...this.readiness.checks].map(
          ([name, check]) =>
            () =>
              this.indicatorOf(name, check),
        ),
        ...[...this.readiness.dependencies].map(([name, status]) => () => ({ [name]: statusOf(status) })),
      ]);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      response.status(503);
      return error.getResponse();
    }
  }

  private indicatorOf(name: string, check: ReadinessCheck): PromiseLike<Record<string, { status: 'up' | 'down' }>> {
    return this.indicators
      .check(name)
      .attempt(async () => {
        await check().catch((cause: unknown) => {
          throw new Error('does not answer', { cause }); // The database's own message is not public.
        });
      })
      .withTimeout(ANSWER_WITHIN_MS)
      .cacheFor(CACHE_MS) as PromiseLike<Record<string, { status: 'up' | 'down' }>>;
  }
}

/** An error of this check itself does not make the process unready. */
function statusOf(ask: () => DependencyStatus): DependencyStatus {
  try {
    return ask();
  } catch {
    return { status: 'degraded', reason: 'not known' };
  }
}
