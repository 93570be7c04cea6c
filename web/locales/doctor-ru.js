// SPDX-License-Identifier: MIT
/** The words of the page itself; what it finds is said by the relay. */
export default {
    "doctor.title": "Проверка связи",
    "doctor.intro": "Что лежит между этим браузером и сервером: измерено только что, и что можно исправить.",
    "doctor.measuring": "Идёт измерение…",
    "doctor.jump": "Что исправить",
    "doctor.again": "Измерить снова",
    "doctor.report": "Скопировать отчёт",
    "doctor.report.copied": "Отчёт скопирован. В нём нет ваших адресов и ключей.",
    "doctor.copy": "Скопировать",
    "doctor.copy.label": "Скопировать строки для {program}",
    "doctor.copied": "Скопировано",
    "doctor.state.checking": "Проверяется",
    "doctor.state.fine": "В порядке",
    "doctor.state.warning": "Внимание",
    "doctor.state.problem": "Проблема",
    "doctor.state.unavailable": "Здесь невозможно",
    "doctor.camera.try": "Проверить камеру",

    // The one verdict without the relay.
    "doctor.lost.title": "Сервер",
    "doctor.lost": "Сервер не отвечает.",
    "doctor.lost.status": "Сервер не даёт заключения (код {status}).",
    "doctor.lost.advice": "Посмотрите на сервере, запущена ли программа и что она пишет:",
    "doctor.lost.outcome": "Нужно исправить: 1 пункт",
    "doctor.unmeasured": "Нельзя измерить, пока сервер не отвечает.",
};
