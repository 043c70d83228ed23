import { attend } from './aside.js';
import { able, press } from './press.js';

attend(press, able);
