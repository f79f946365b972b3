import type { OpenAPIObject } from '@nestjs/swagger';

/** What `/docs` shows beyond the routes of this process: a service's module may provide one for the whole process. */
export abstract class ApiDocument {
  /** The document to show, made from that of the process; called at every request. */
  abstract complete(own: OpenAPIObject): Promise<OpenAPIObject>;
}
